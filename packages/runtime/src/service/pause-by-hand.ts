import type { Ledger } from "@mailonce/core";
import type { Logins } from "../login/logins.ts";
import { type AccountHealth, resumed } from "../schedule/account-health.ts";
import type { Standings } from "./ports.ts";
import { findHealth, putHealth } from "./stored-health.ts";

/** The part of a store in which accounts are paused and resumed. */
export interface PausingStore extends Pick<Ledger, "openMaildrop"> {
  readonly standings: Pick<Standings, "find" | "put">;
  readonly logins: Pick<Logins, "forgive">;
}

/** Pauses the account of this maildrop until somebody resumes it. A maildrop that there is not yet is made. */
export async function pauseByHand(store: PausingStore, maildrop: string, reason: string): Promise<void> {
  await store.openMaildrop(maildrop);
  const health = await findHealth(store.standings, maildrop);
  const pause = { code: "by-hand", reason, digest: null } as const;
  await putHealth(store.standings, new Map([[maildrop, { ...health, pause }]]));
}

/**
 * Ends the pause of an account, whatever it was for, and forgets its failures and refusals. A login that was in doubt
 * for too long gets its time anew. A maildrop that there is not yet is made.
 * @returns how the account had fared until now
 */
export async function resume(store: PausingStore, maildrop: string): Promise<AccountHealth> {
  await store.openMaildrop(maildrop);
  const before = await findHealth(store.standings, maildrop);
  await putHealth(store.standings, new Map([[maildrop, resumed(before)]]));
  await store.logins.forgive(maildrop);
  return before;
}
