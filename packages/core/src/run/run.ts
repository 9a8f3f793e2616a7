import type { MaildropSession } from "../ports/maildrop-session.ts";
import type { Outcome, RunProgress, RunSummary } from "../report/outcome.ts";
import { Report } from "../report/report.ts";
import { baselineStages } from "./baseline.ts";
import { checkStages } from "./check.ts";
import { fetchStages } from "./fetch.ts";
import type { BaselineOptions, CheckOptions, FetchOptions } from "./options.ts";

/**
 * One run over one session, as an async iterable of outcomes. It starts when it is iterated, once. Leaving the loop
 * early ends it: what has arrived whole is committed.
 *
 * The iteration throws what broke the run: the session's error, the store's, {@link GuardFailedError} (another run
 * changed the maildrop), {@link SuspectReplyError}, {@link OverlongMessageError}, the signal's reason. Whatever was complete by then is committed
 * and its outcomes were given out before. Start again with a new session: that is always safe.
 */
export class Run implements AsyncIterable<Outcome> {
  readonly #report: Report;
  readonly #outcomes: AsyncGenerator<Outcome>;

  constructor(report: Report, outcomes: AsyncGenerator<Outcome>) {
    this.#report = report;
    this.#outcomes = outcomes;
  }

  /** What was done so far; final when the iteration has ended. */
  get summary(): RunSummary {
    return this.#report.summary();
  }

  get progress(): RunProgress {
    return this.#report.progress;
  }

  [Symbol.asyncIterator](): AsyncGenerator<Outcome> {
    return this.#outcomes;
  }
}

/** Stores what is new in the maildrop, each message once, and leaves everything on the server. */
export function fetchMaildrop(options: FetchOptions): Run {
  const report = new Report();
  return new Run(
    report,
    inSession(options, report, () => fetchStages(options, report)),
  );
}

/** Tells what a fetch would do, by headers alone. Nothing is retrieved, nothing is written. */
export function checkMaildrop(options: CheckOptions): Run {
  const report = new Report();
  return new Run(
    report,
    inSession(options, report, () => checkStages(options, report)),
  );
}

/** Outcomes come from the stages in blocks, as they are committed, and are given out one by one. */
async function* inSession(
  { session, signal }: { readonly session: MaildropSession; readonly signal?: AbortSignal },
  report: Report,
  stages: () => AsyncGenerator<readonly Outcome[]>,
): AsyncGenerator<Outcome> {
  const abort = (): void => session.close();
  signal?.addEventListener("abort", abort);
  try {
    signal?.throwIfAborted();
    for await (const outcomes of stages()) for (const outcome of outcomes) yield outcome;
    report.complete = true;
  } catch (error) {
    // Closing the session made some read fail: why it was closed is what counts.
    signal?.throwIfAborted();
    throw error;
  } finally {
    report.progress.phase = "ended";
    signal?.removeEventListener("abort", abort);
    session.close();
  }
}

/**
 * Marks all that is listed now as known, without storing it. Headers are asked for, so that the mail is known again
 * after a renumbering. Where unique-ids cannot be used and TOP has not proved itself, one message is retrieved, and the
 * session then ends without QUIT. What cannot be marked is reported as `failed`.
 */
export function baselineMaildrop(options: BaselineOptions): Run {
  const report = new Report();
  return new Run(
    report,
    inSession(options, report, () => baselineStages(options, report)),
  );
}
