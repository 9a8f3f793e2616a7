import type { Candidate } from "../listing/candidate.ts";
import type { Entries } from "../listing/entries.ts";
import { isOpen } from "../listing/entry-state.ts";
import type { Outcome } from "./outcome.ts";
import type { RunState } from "./run-state.ts";

/** What became of a candidate: an outcome, or null where the ledger turned out to know the message already. */
export interface Finding {
  readonly candidate: Candidate;
  readonly outcome: Outcome | null;
}

/** Moves the entries to where the findings say, and gives the outcomes. The next mark may cover what is settled. */
export function takeFindings(
  { entries, report: { progress } }: RunState,
  findings: readonly Finding[],
): readonly Outcome[] {
  const outcomes: Outcome[] = [];
  for (const { candidate, outcome } of findings) {
    const { index } = candidate;
    const isSettled = outcome?.kind !== "deferred" && outcome?.kind !== "failed";
    if (isSettled && candidate.identity !== null && !entries.isCorrected(index)) entries.cover(index);
    if (progress.phase === "retrieving") {
      progress.messagesDone++;
      progress.octetsSettled += candidate.listedOctets ?? 0;
    }
    if (outcome !== null) outcomes.push(tell(entries, index, outcome));
    // What this run itself has settled stays what it became.
    else if (isOpen(entries.state(index))) entries.move(index, "known");
  }
  return outcomes;
}

/** Moves the entry to where the outcome says, and gives the outcome back. */
export function tell<Told extends Outcome>(entries: Entries, index: number, outcome: Told): Told {
  entries.move(index, outcome.kind);
  return outcome;
}
