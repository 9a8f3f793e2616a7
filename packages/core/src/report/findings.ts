import type { Candidate } from "../listing/candidate.ts";
import type { Roll } from "../listing/roll.ts";
import type { Outcome } from "./outcome.ts";
import type { RunState } from "./run-state.ts";

/** What became of a candidate: an outcome, or null where the ledger turned out to know the message already. */
export interface Finding {
  readonly candidate: Candidate;
  readonly outcome: Outcome | null;
}

/** Counts what became of candidates, and remembers which entries are settled, for the next mark. */
export class Findings {
  readonly #run: RunState;
  readonly #roll: Roll;
  /** 1 for each listing entry that is settled under its own unique-id. */
  readonly settled: Uint8Array;

  constructor(run: RunState, roll: Roll, settled: Uint8Array) {
    this.#run = run;
    this.#roll = roll;
    this.settled = settled;
  }

  /** Takes findings and gives their outcomes. */
  take(findings: readonly Finding[]): readonly Outcome[] {
    const { report } = this.#run;
    const outcomes: Outcome[] = [];
    for (const { candidate, outcome } of findings) {
      const isSettled = outcome?.kind !== "deferred" && outcome?.kind !== "failed";
      if (isSettled && candidate.identity !== null && !this.#roll.isCorrected(candidate.messageNumber))
        this.settled[candidate.at] = 1;
      if (report.progress.phase === "retrieving") {
        report.progress.messagesDone++;
        report.progress.octetsSettled += candidate.listedOctets ?? 0;
      }
      if (outcome === null) report.putKnown(candidate.at);
      else outcomes.push(report.tell(candidate.at, outcome));
    }
    return outcomes;
  }
}
