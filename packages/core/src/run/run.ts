import { blocksOf } from "../ports/blocks.ts";
import type { MaildropSession } from "../ports/maildrop-session.ts";
import type { Outcome, RunProgress, RunSummary } from "../report/outcome.ts";
import { Report } from "../report/report.ts";
import { baselineStages } from "./baseline.ts";
import { checkStages } from "./check.ts";
import { fetchStages } from "./fetch.ts";
import type { BaselineOptions, CheckOptions, FetchOptions } from "./options.ts";

/** Most outcomes in one block. What one commit or one look at the ledger decides can be as many as are listed. */
const MOST_OUTCOMES = 1000;

/**
 * One run over one session, as an async iterable of outcomes, or of blocks of them. It can be iterated once, one way or
 * the other, and starts then. Leaving the loop early ends it; blocks of messages that have arrived in step
 * (see `RetrPart`) are committed.
 *
 * The iteration throws what broke the run: the session's error, the store's, {@link GuardFailedError} (another run
 * changed the maildrop), {@link SuspectReplyError}, {@link OverlongMessageError}, the signal's reason. What had arrived
 * in step is committed then, and its outcomes were given; the rest of the last block is retrieved again by the next run. To
 * start again with a new session is always safe.
 */
export class Run implements AsyncIterable<Outcome> {
  readonly #report: Report;
  readonly #blocks: AsyncGenerator<readonly Outcome[]>;

  constructor(report: Report, blocks: AsyncGenerator<readonly Outcome[]>) {
    this.#report = report;
    this.#blocks = blocks;
  }

  /** What the run has done so far; final when the iteration has ended. */
  get summary(): RunSummary {
    return this.#report.summary();
  }

  /** How far the run is. It is one object, which changes while the run goes on. */
  get progress(): RunProgress {
    return this.#report.progress;
  }

  /**
   * The outcomes as they become known: those of one commit come together, up to 1,000 at once and at least one. For
   * whoever has something to do for each time rather than for each message, such as a write.
   */
  blocks(): AsyncGenerator<readonly Outcome[]> {
    return this.#blocks;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Outcome> {
    for await (const block of this.#blocks) for (const outcome of block) yield outcome;
  }
}

/** Stores what is new in the maildrop, each message exactly once, and leaves all messages on the server. */
export function fetchMaildrop(options: FetchOptions): Run {
  const report = new Report();
  return new Run(
    report,
    inSession(options, report, () => fetchStages(options, report)),
  );
}

/** Tells what a fetch would do, by the listing and by headers. Retrieves nothing and writes nothing. */
export function checkMaildrop(options: CheckOptions): Run {
  const report = new Report();
  return new Run(
    report,
    inSession(options, report, () => checkStages(options, report)),
  );
}

/** Gives the outcomes of the stages for as long as the session lasts, which it closes. */
async function* inSession(
  { session, signal }: { readonly session: MaildropSession; readonly signal?: AbortSignal },
  report: Report,
  stages: () => AsyncGenerator<readonly Outcome[]>,
): AsyncGenerator<readonly Outcome[]> {
  const abort = (): void => session.close();
  signal?.addEventListener("abort", abort);
  try {
    signal?.throwIfAborted();
    for await (const outcomes of stages()) for (const block of blocksOf(outcomes, MOST_OUTCOMES)) yield block;
    report.complete = true;
  } catch (error) {
    // After an abort this error only says that the session was closed: the signal's reason is thrown instead.
    signal?.throwIfAborted();
    throw error;
  } finally {
    report.progress.phase = "ended";
    signal?.removeEventListener("abort", abort);
    session.close();
  }
}

/**
 * Marks all messages that are listed now as known, without storing them. Asks for their headers, so that they are known
 * again after a renumbering. If unique-ids cannot be used and TOP has not proved itself, one message is retrieved, and
 * the session then ends without QUIT. A message that cannot be marked has the outcome `failed`.
 */
export function baselineMaildrop(options: BaselineOptions): Run {
  const report = new Report();
  return new Run(
    report,
    inSession(options, report, () => baselineStages(options, report)),
  );
}
