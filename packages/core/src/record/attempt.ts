import { type Candidate, keyOf } from "../listing/candidate.ts";
import type { Reason } from "../report/outcome.ts";
import type { RunState } from "../report/run-state.ts";
import { defer } from "./defer.ts";

/** The reason in the row of a message while it is being retrieved. It stays there only if the process dies. */
const UNFINISHED: Reason = { code: "unfinished", message: "the process ended while it was retrieved" };

/** Notes an attempt before it is made (rule 21): a message that kills the process cannot do so twice unnoticed then. */
export async function noteAttempt(run: RunState, candidate: Candidate, isRetry = false): Promise<void> {
  const identity = keyOf(candidate);
  const before = await run.transact(async (tx) => {
    const [row = null] = await tx.ledger.entries([identity]);
    await defer(run, tx, [{ candidate, reason: UNFINISHED }]);
    return row;
  });
  if (isRetry) run.attempts.noteRetry(identity);
  run.noted = { candidate, identity, before, arrived: false };
}

/** True if the candidate's row has failed attempts. */
export async function wasAttempted(run: RunState, candidate: Candidate): Promise<boolean> {
  const [row] = await run.rows([keyOf(candidate)]);
  return row !== undefined && row.attempts > 0;
}

/**
 * Undoes {@link noteAttempt}, because the message is not to blame, or because it counts under another key. If the row was
 * written again since the note, it stays.
 */
export async function takeBackAttempt(run: RunState): Promise<void> {
  const { noted } = run;
  if (noted === null) return;
  const { identity, before } = noted;
  await run.transact(async ({ ledger }) => {
    const [row] = await ledger.entries([identity]);
    if (row?.reason?.code !== UNFINISHED.code) return;
    if (before === null) await ledger.deleteEntries([identity]);
    else await ledger.updateEntries([before]);
  });
  run.noted = null;
}

/** Makes the error that ends the run the reason in the row of the noted attempt. */
export async function explainAttempt(run: RunState, error: unknown): Promise<void> {
  const { noted } = run;
  if (noted === null) return;
  const { candidate, identity, arrived } = noted;
  const reason = reasonOf(
    error,
    arrived ? "it arrived and could not be stored" : "the session ended while it was retrieved",
  );
  const isOpen = await run.transact(async ({ ledger }) => {
    const [row] = await ledger.entries([identity]);
    if (row?.reason?.code !== UNFINISHED.code) return false;
    await ledger.updateEntries([{ ...row, reason }]);
    return true;
  });
  if (isOpen) run.entries.move(candidate.index, "deferred");
  run.noted = null;
}

function reasonOf(error: unknown, what: string): Reason {
  if (!(error instanceof Error)) return { code: "session-ended", message: what };
  const code: unknown = Reflect.get(error, "code");
  return { code: typeof code === "string" ? code : "session-ended", message: `${what}: ${error.message}` };
}
