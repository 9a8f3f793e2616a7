import type { ListedMessage } from "../listing/candidate.ts";
import type { HeaderFields } from "../message/header.ts";

/** Why a message was not settled, or what a warning is about: a stable code and a sentence for people. */
export interface Reason {
  readonly code: string;
  readonly message: string;
}

/**
 * What became of one listed message in this run. A message that is simply known is counted and has no outcome.
 *
 * - `new`: in a check only. A fetch would retrieve it. `header` is null if the server refuses TOP.
 * - `stored`: its content is committed to the store as message `id`.
 * - `skipped`: the criteria reject it; the ledger remembers that.
 * - `waiting`: the criteria do not want it yet, but from `ripe` on. The ledger remembers that; in later runs it is counted
 *   without an outcome until it is looked at again.
 * - `rebound`: it is the stored message `id`, or mail marked as known (`id` null), which had another identity so far.
 * - `deferred`: it is not stored now; the ledger says when it will be tried again.
 * - `failed`: it is not stored and has no row in the ledger, so it is new to the next run again.
 */
export type Outcome =
  | (ListedMessage & { readonly kind: "new"; readonly header: HeaderFields | null })
  | (ListedMessage & { readonly kind: "stored"; readonly id: string; readonly header: HeaderFields })
  | (ListedMessage & { readonly kind: "skipped" })
  | (ListedMessage & { readonly kind: "waiting"; readonly ripe: Date })
  | (ListedMessage & { readonly kind: "rebound"; readonly id: string | null })
  | (ListedMessage & { readonly kind: "deferred"; readonly reason: Reason })
  | (ListedMessage & { readonly kind: "failed"; readonly reason: Reason });

/**
 * How many listed messages had which outcome. In these numbers and in `left`, `retries` and `baselined` of
 * {@link RunSummary} each listed message is counted exactly once, also when a run breaks.
 */
export interface Counts {
  /** In a check, messages that a fetch would retrieve. In every run, new messages that it did not come to. */
  new: number;
  stored: number;
  known: number;
  skipped: number;
  /** Messages that the criteria do not want yet. */
  waiting: number;
  rebound: number;
  deferred: number;
  failed: number;
}

/** Zero for each count. */
export const NO_COUNTS: Readonly<Counts> = {
  new: 0,
  stored: 0,
  known: 0,
  skipped: 0,
  waiting: 0,
  rebound: 0,
  deferred: 0,
  failed: 0,
};

/** What a run has done so far. It is final when the iteration of the run's outcomes has ended, in whatever way. */
export interface RunSummary {
  readonly counts: Readonly<Counts>;
  /** Things that a person should know; each code once. */
  readonly warnings: readonly Reason[];
  /** True if the run came to its end, false if it was stopped or something broke it. */
  readonly complete: boolean;
  /** Messages that this run marked as known without storing them. */
  readonly baselined: number;
  /** Messages that were to be retrieved but were beyond the limit. */
  readonly left: number;
  /** Deferred messages that are due, but were left for a run that takes only such messages. */
  readonly retries: number;
}

/** How far a run is. */
export interface RunProgress {
  readonly phase: "listing" | "detecting" | "selecting" | "retrieving" | "ended";
  /** Number of messages that the server lists. */
  readonly listed: number;
  /** Number of messages to retrieve, and how many of them are settled. */
  readonly messages: number;
  readonly messagesDone: number;
  /** Listed octets of the messages to retrieve, octets that have arrived, listed octets of the settled messages. */
  readonly octets: number;
  readonly octetsDone: number;
  readonly octetsSettled: number;
}

/** The progress of a run that has not begun. */
export const NO_PROGRESS: RunProgress = {
  phase: "listing",
  listed: 0,
  messages: 0,
  messagesDone: 0,
  octets: 0,
  octetsDone: 0,
  octetsSettled: 0,
};
