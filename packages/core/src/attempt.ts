import type { Candidate } from "./candidate.ts";
import { defer, keyOf } from "./defer.ts";
import type { RunState } from "./run-state.ts";

/**
 * Notes an attempt to retrieve before it is made (rule 21), so that a message that breaks the session, or kills the
 * process, cannot do so twice unseen.
 */
export async function noteAttempt(run: RunState, candidate: Candidate): Promise<void> {
  const reason = { code: "unfinished", message: "the session ended while it was retrieved" };
  await run.transact((tx) => defer(run, tx, [{ candidate, reason }]));
  run.attempted = candidate.at;
}

/** True if the ledger notes attempts for the candidate. */
export async function wasAttempted(run: RunState, candidate: Candidate): Promise<boolean> {
  const [row] = await run.entries([keyOf(candidate)]);
  return row !== undefined && row.attempts > 0;
}

/** Takes the note back where it stands under a key that is not the message's: its class was not known yet. */
export async function takeBackAttempt(run: RunState, candidate: Candidate): Promise<void> {
  const key = keyOf(candidate);
  await run.transact(async ({ ledger }) => {
    const [row] = await ledger.entries([key]);
    if (row?.disposition === "deferred") await ledger.deleteEntries([key]);
    else if (row !== undefined)
      await ledger.updateEntries([{ ...row, attempts: 0, reason: null, due: null }]);
  });
}
