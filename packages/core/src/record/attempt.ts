import { type Candidate, keyOf } from "../listing/candidate.ts";
import type { Reason } from "../report/outcome.ts";
import type { RunState } from "../report/run-state.ts";
import { defer } from "./defer.ts";

/** What the ledger says of an attempt that is under way: it stays so only where the process dies. */
const UNFINISHED: Reason = { code: "unfinished", message: "the process ended while it was retrieved" };

/**
 * Notes an attempt to retrieve before it is made (rule 21), so that a message that breaks the session, or kills the
 * process, cannot do so twice unseen.
 */
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

/** True if the ledger notes attempts for the candidate. */
export async function wasAttempted(run: RunState, candidate: Candidate): Promise<boolean> {
  const [row] = await run.rows([keyOf(candidate)]);
  return row !== undefined && row.attempts > 0;
}

/**
 * Takes the note back: the message is not to blame, or it is not under its key that it is to be noted. What the ledger
 * has learnt of it since stays.
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

/** The run ends with this error: from now on the ledger says that of the attempt under way. */
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
