import type { Counts, Outcome, Reason, RunProgress, RunSummary } from "./outcome.ts";

/** What a run has to tell, gathered as it goes. */
export class Report {
  readonly counts: Counts = { new: 0, stored: 0, known: 0, skipped: 0, rebound: 0, deferred: 0, failed: 0 };
  readonly warnings: Reason[] = [];
  readonly progress: { -readonly [Key in keyof RunProgress]: RunProgress[Key] } = {
    phase: "listing",
    listed: 0,
    messages: 0,
    messagesDone: 0,
    octets: 0,
    octetsDone: 0,
    octetsSettled: 0,
  };
  complete = false;
  left = 0;
  baselined = 0;
  retries = 0;

  /** Counts an outcome and gives it back. */
  count(outcome: Outcome): Outcome {
    this.counts[outcome.kind]++;
    return outcome;
  }

  /** Says a warning, once per code. */
  warn(code: string, message: string): void {
    if (!this.warnings.some((warning) => warning.code === code)) this.warnings.push({ code, message });
  }

  summary(): RunSummary {
    const { counts, warnings, complete, left, baselined, retries } = this;
    return { counts: { ...counts }, warnings: [...warnings], complete, left, baselined, retries };
  }
}
