import { type Counts, NO_COUNTS, type Reason, type RunProgress, type RunSummary } from "@mailonce/core";

/** Adds the summaries of one invocation's runs up, so that the totals read as if it had been one run. */
export class RunTotals {
  #settled = NO_COUNTS;
  #last = NO_COUNTS;
  #left = 0;
  #baselined = 0;
  #lastBaselined = 0;
  #retries = 0;
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
    this.#settled = this.#sum(summary.counts);
    this.#baselined += summary.baselined;
    // A run that broke off before it had a listing knows nothing better than the one before.
    if (progress.listed === 0 && !summary.complete) return;
    this.#last = summary.counts;
    this.#lastBaselined = summary.baselined;
    this.#left = summary.left;
    this.#retries = summary.retries;
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
    return this.#left;
  }

  /** Messages that the runs marked as known without storing them. */
  get baselined(): number {
    return this.#baselined;
  }

  /** Deferred messages that are due and that the last run left for a run of their own. */
  get retries(): number {
    return this.#retries;
  }

  /** Messages that the runs so far have stored. */
  get stored(): number {
    return this.#settled.stored;
  }

  /**
   * The totals. A message that an earlier run settled is known to the last run, or was not looked at by it: it is counted
   * once, as what the earlier run made of it. What is new, deferred or failed is counted as the last run has it.
   */
  get counts(): Counts {
    const { stored, skipped, rebound } = this.#settled;
    const earlier =
      stored +
      skipped +
      rebound +
      this.#baselined -
      (this.#last.stored + this.#last.skipped + this.#last.rebound + this.#lastBaselined);
    const { new: unknown, known, deferred, failed } = this.#last;
    return {
      new: Math.max(0, unknown - Math.max(0, earlier - known)),
      stored,
      known: Math.max(0, known - earlier),
      skipped,
      rebound,
      deferred: deferred + this.#retries,
      failed,
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

  #sum(counts: Readonly<Counts>): Counts {
    return {
      ...NO_COUNTS,
      stored: this.#settled.stored + counts.stored,
      skipped: this.#settled.skipped + counts.skipped,
      rebound: this.#settled.rebound + counts.rebound,
    };
  }
}
