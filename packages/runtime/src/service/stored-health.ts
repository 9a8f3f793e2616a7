import { boundedLoginDelay } from "../login/login-delay.ts";
import { type AccountHealth, NEVER_RUN, PAUSE_CODES, type Pause } from "../schedule/account-health.ts";
import type { Standings, StoredStanding } from "./ports.ts";

/** How the account of this maildrop has fared, as the database has it; {@link NEVER_RUN} if it has nothing. */
export async function findHealth(
  standings: Pick<Standings, "find">,
  maildrop: string,
): Promise<AccountHealth> {
  const stored = await standings.find(maildrop);
  return stored === null ? NEVER_RUN : read(stored);
}

/** The health of all accounts, by their maildrops' names. */
export async function allHealth(
  standings: Pick<Standings, "all">,
): Promise<ReadonlyMap<string, AccountHealth>> {
  return new Map([...(await standings.all())].map(([name, stored]) => [name, read(stored)]));
}

/**
 * Writes down how the accounts of these maildrops, which must exist, have fared, in one transaction.
 * @param keep `by-hand`: a pause that a person has made meanwhile stays
 */
export function putHealth(
  standings: Pick<Standings, "put">,
  all: ReadonlyMap<string, AccountHealth>,
  keep: "by-hand" | null = null,
): Promise<void> {
  return standings.put(new Map([...all].map(([maildrop, health]) => [maildrop, written(health)])), keep);
}

function written(health: AccountHealth): StoredStanding {
  const { notBefore, lastRun, lastSuccess, loginDelayMs } = health;
  return {
    ...health,
    loginDelayMs: boundedLoginDelay(loginDelayMs),
    notBefore: notBefore === 0 ? null : new Date(notBefore),
    lastRun: lastRun === null ? null : new Date(lastRun),
    lastSuccess: lastSuccess === null ? null : new Date(lastSuccess),
  };
}

function read({ notBefore, lastRun, lastSuccess, pause, ...counts }: StoredStanding): AccountHealth {
  return {
    ...counts,
    loginDelayMs: boundedLoginDelay(counts.loginDelayMs),
    notBefore: notBefore?.getTime() ?? 0,
    lastRun: lastRun?.getTime() ?? null,
    lastSuccess: lastSuccess?.getTime() ?? null,
    pause: pause === null ? null : { ...pause, code: pauseCode(pause.code) },
  };
}

/** The code of a stored pause; `login-refused` for one that this version does not know. */
export function pauseCode(stored: string): Pause["code"] {
  return PAUSE_CODES.find((code) => code === stored) ?? "login-refused";
}
