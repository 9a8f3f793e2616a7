import type { Candidate } from "../listing/candidate.ts";
import type { Entries } from "../listing/entries.ts";
import { isOpen } from "../listing/entry-state.ts";
import type { Outcome } from "./outcome.ts";
import type { RunState } from "./run-state.ts";

/** What became of a candidate: its outcome, or null if it proved to be a message that the ledger knows already. */
export interface Finding {
  readonly candidate: Candidate;
  readonly outcome: Outcome | null;
}

/** Moves entries into the states of their outcomes, which it gives. The next mark may cover entries that are settled. */
export function takeFindings(
  { entries, report: { progress } }: RunState,
  findings: readonly Finding[],
): readonly Outcome[] {
  const outcomes: Outcome[] = [];
  for (const { candidate, outcome } of findings) {
    const { index } = candidate;
    const kind = outcome?.kind;
    const isSettled = kind !== "deferred" && kind !== "failed" && kind !== "waiting";
    if (isSettled && candidate.identity !== null && !entries.isCorrected(index)) entries.cover(index);
    if (progress.phase === "retrieving") {
      progress.messagesDone++;
      progress.octetsSettled += candidate.listedOctets ?? 0;
    }
    if (outcome !== null) outcomes.push(settleAs(entries, index, outcome));
    // An entry that this run has settled keeps the state that it got then.
    else if (isOpen(entries.state(index))) entries.move(index, "known");
  }
  return outcomes;
}

/** Moves the entry into the state of its outcome, and gives the outcome back. */
export function settleAs<Told extends Outcome>(entries: Entries, index: number, outcome: Told): Told {
  entries.move(index, outcome.kind);
  return outcome;
}
