import type { StandingSummary } from "./ports.ts";

/** The states of accounts; each account is in exactly one of them. */
export const ACCOUNT_STATES = ["running", "waiting", "backing-off", "paused"] as const;

/**
 * `paused`: nothing is done until somebody changes something, whatever else is the case. `running`: somebody is at its
 * maildrop (a worker, or a person with the command line). `backing-off`: its last run did not see the maildrop through
 * (server, network, somebody else at it, or a fault on this side), and another is to come. `waiting`: for its next time;
 * all is well, or it was never run.
 */
export type AccountState = (typeof ACCOUNT_STATES)[number];

/** The state of the account that has this maildrop; undefined: the database does not know the maildrop yet. */
export function accountState(summary: StandingSummary | undefined): AccountState {
  if (summary === undefined) return "waiting";
  const { pause, isLeased, failures, refusals, lastRun, lastSuccess } = summary;
  if (pause !== null) return "paused";
  if (isLeased) return "running";
  const wasCutShort = lastRun !== null && (lastSuccess === null || lastSuccess < lastRun);
  return failures + refusals > 0 || wasCutShort ? "backing-off" : "waiting";
}
