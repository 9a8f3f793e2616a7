import { boundedLoginDelay } from "../login/login-delay.ts";
import { NEW_STANDING, PAUSE_CODES, type Pause, type Standing } from "../schedule/standing.ts";
import type { Standings, StoredStanding } from "./standings.ts";

/** The standing as the database has it; a new one if it has none. */
export async function findStanding(standings: Pick<Standings, "find">, maildrop: string): Promise<Standing> {
  const stored = await standings.find(maildrop);
  return stored === null ? NEW_STANDING : read(stored);
}

/** All standings, by the maildrops' names. */
export async function allStandings(
  standings: Pick<Standings, "all">,
): Promise<ReadonlyMap<string, Standing>> {
  return new Map([...(await standings.all())].map(([name, stored]) => [name, read(stored)]));
}

/** Writes it down; the maildrop must exist. */
export function putStanding(
  standings: Pick<Standings, "put">,
  maildrop: string,
  standing: Standing,
): Promise<void> {
  return standings.put(new Map([[maildrop, written(standing)]]));
}

/** Writes down what runs came to, all or none; a pause by hand that was made meanwhile stays. */
export function putStandings(
  standings: Pick<Standings, "put">,
  all: ReadonlyMap<string, Standing>,
): Promise<void> {
  return standings.put(
    new Map([...all].map(([maildrop, standing]) => [maildrop, written(standing)])),
    "by-hand",
  );
}

function written(standing: Standing): StoredStanding {
  const { notBefore, lastRun, lastSuccess, loginDelayMs } = standing;
  return {
    ...standing,
    loginDelayMs: boundedLoginDelay(loginDelayMs),
    notBefore: notBefore === 0 ? null : new Date(notBefore),
    lastRun: lastRun === null ? null : new Date(lastRun),
    lastSuccess: lastSuccess === null ? null : new Date(lastSuccess),
  };
}

function read({ notBefore, lastRun, lastSuccess, pause, ...counts }: StoredStanding): Standing {
  return {
    ...counts,
    loginDelayMs: boundedLoginDelay(counts.loginDelayMs),
    notBefore: notBefore?.getTime() ?? 0,
    lastRun: lastRun?.getTime() ?? null,
    lastSuccess: lastSuccess?.getTime() ?? null,
    pause: pause === null ? null : { ...pause, code: pauseCode(pause.code) },
  };
}

/** The code of a stored pause, as one of those that are known. */
export function pauseCode(stored: string): Pause["code"] {
  return PAUSE_CODES.find((code) => code === stored) ?? "login-refused";
}
