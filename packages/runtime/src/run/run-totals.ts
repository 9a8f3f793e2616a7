import { type Counts, NO_COUNTS, type Reason, type RunProgress, type RunSummary } from "@mailonce/core";

/** Adds the summaries of one invocation's runs up, so that the totals read as if it had been one run. */
export class RunTotals {
  #settled: Pick<Counts, "stored" | "skipped" | "rebound"> = NO_COUNTS;
  #baselined = 0;
  /** What the last run that had a listing came to. */
  #last: Omit<RunSummary, "warnings" | "complete"> = { counts: NO_COUNTS, left: 0, baselined: 0, retries: 0 };
  #octetsDone = 0;
  #octetsSettled = 0;
  #messagesDone = 0;
  readonly #warnings = new Map<string, Reason>();

  /** Adds a run that has ended. */
  add(summary: RunSummary, progress: RunProgress): void {
    for (const warning of summary.warnings) this.warn(warning);
    this.#octetsDone += progress.octetsDone;
    this.#octetsSettled += progress.octetsSettled;
    this.#messagesDone += progress.messagesDone;
    const { stored, skipped, rebound } = summary.counts;
    this.#settled = {
      stored: this.#settled.stored + stored,
      skipped: this.#settled.skipped + skipped,
      rebound: this.#settled.rebound + rebound,
    };
    this.#baselined += summary.baselined;
    // A run that broke off before it had a listing knows nothing better than the one before.
    if (progress.listed > 0 || summary.complete) this.#last = summary;
  }

  /** Remembers a warning once. */
  warn(warning: Reason): void {
    this.#warnings.set(`${warning.code} ${warning.message}`, warning);
  }

  get warnings(): readonly Reason[] {
    return [...this.#warnings.values()];
  }

  /** New messages that the last run left because of the limit. */
  get left(): number {
    return this.#last.left;
  }

  /** Messages that the runs marked as known without storing them. */
  get baselined(): number {
    return this.#baselined;
  }

  /** Deferred messages that are due and that the last run left for a run of their own. */
  get retries(): number {
    return this.#last.retries;
  }

  /** Messages that the runs so far have stored. */
  get stored(): number {
    return this.#settled.stored;
  }

  /**
   * The totals. A message that an earlier run settled is known to the last run, or was not looked at by it: it is counted
   * once, as what the earlier run made of it. What is new, waits, is deferred or failed is counted as the last run has it.
   */
  get counts(): Counts {
    const { stored, skipped, rebound } = this.#settled;
    const { counts: last, baselined, retries } = this.#last;
    const settledByLast = last.stored + last.skipped + last.rebound + baselined;
    const earlier = stored + skipped + rebound + this.#baselined - settledByLast;
    return {
      new: Math.max(0, last.new - Math.max(0, earlier - last.known)),
      stored,
      known: Math.max(0, last.known - earlier),
      skipped,
      waiting: last.waiting,
      rebound,
      deferred: last.deferred + retries,
      failed: last.failed,
    };
  }

  /** The progress of the run under way, with what the earlier ones did on top. */
  progress(run: RunProgress): RunProgress {
    return {
      ...run,
      messages: run.messages + this.#messagesDone,
      messagesDone: run.messagesDone + this.#messagesDone,
      octets: run.octets + this.#octetsDone,
      octetsDone: run.octetsDone + this.#octetsDone,
      octetsSettled: run.octetsSettled + this.#octetsSettled,
    };
  }
}
