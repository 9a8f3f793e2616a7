import type { Criteria } from "../criteria/criteria.ts";
import type { MaildropSession } from "../ports/session.ts";
import type { Spool } from "../ports/spool.ts";
import type { MessageStore } from "../ports/store.ts";
import type { Attempts } from "../report/attempts.ts";
import type { Outcome, RunProgress, RunSummary } from "../report/outcome.ts";
import { Report } from "../report/report.ts";
import { baselineStages } from "./baseline.ts";
import { checkStages } from "./check.ts";
import { fetchStages } from "./fetch.ts";
import type { OnFirstListing } from "./first-listing.ts";

/** What a fetch needs. */
export interface FetchOptions {
  /** A logged-in session that has done nothing yet. The run ends it: by QUIT if that is safe, else by closing it. */
  readonly session: MaildropSession;
  readonly store: MessageStore;
  /** The maildrop's name in the ledger. */
  readonly maildrop: string;
  /** Where large messages wait for their transaction. */
  readonly spool: Spool;
  /** Which messages are wanted; all if absent or null. */
  readonly criteria?: Criteria | null;
  /** Retrieve at most this many, the lowest message numbers first. */
  readonly limit?: number;
  /** Larger messages are deferred; 100 MiB if absent. */
  readonly maxOctets?: number;
  /** Who is to be told of each message that is stored: names for the outbox, each once, at most 255 octets. */
  readonly hooks?: readonly string[];
  /** True for servers that no longer list what was retrieved in a session that ended with QUIT (Gmail). Remembered. */
  readonly retrievalHides?: boolean;
  /** `retries`: nothing but deferred messages that are due. Otherwise those wait where anything is new. */
  readonly only?: "retries";
  /** Shared by the runs that are one fetch to its user; this run is a fetch by itself if absent. */
  readonly attempts?: Attempts;
  /** Every commit confirms this lease. */
  readonly leaseToken?: string | null;
  readonly onFirstListing?: OnFirstListing;
  /** Aborted: the session is closed, what has arrived whole is committed, the iteration throws the reason. */
  readonly signal?: AbortSignal;
  readonly now?: () => Date;
}

/** What a check needs: nothing is retrieved and nothing is written. */
export interface CheckOptions
  extends Pick<
    FetchOptions,
    "session" | "maildrop" | "criteria" | "limit" | "onFirstListing" | "signal" | "now"
  > {
  /** Null where there is no database yet: then everything is new. */
  readonly store: MessageStore | null;
}

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

/** What marking a maildrop as known needs. */
export type BaselineOptions = Pick<
  FetchOptions,
  "session" | "store" | "maildrop" | "spool" | "leaseToken" | "onFirstListing" | "signal" | "now"
>;

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
