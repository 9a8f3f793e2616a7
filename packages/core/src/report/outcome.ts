import type { ListedMessage } from "../listing/candidate.ts";
import type { HeaderFields } from "../message/header.ts";

/** Why a message was not settled: a stable code and a sentence. */
export interface Reason {
  readonly code: string;
  readonly message: string;
}

/**
 * What became of one listed message in this run. Messages that are simply known are counted, not reported.
 *
 * - `new`: check only; a fetch would retrieve it. `header` is null where the server refuses TOP. (Counted, not told, is
 *   also what a run that broke did not come to.)
 * - `stored`: its content is in the store as message `id`, committed.
 * - `skipped`: rejected by the criteria, and remembered as such.
 * - `rebound`: the stored message `id`, or mail that was marked as known (`id` null), under another identity.
 * - `deferred`: not stored now; the ledger holds when it will be tried again.
 * - `failed`: not stored, and the ledger says nothing of it: it is unknown to the next run too.
 */
export type Outcome =
  | (ListedMessage & { readonly kind: "new"; readonly header: HeaderFields | null })
  | (ListedMessage & { readonly kind: "stored"; readonly id: string; readonly header: HeaderFields })
  | (ListedMessage & { readonly kind: "skipped" })
  | (ListedMessage & { readonly kind: "rebound"; readonly id: string | null })
  | (ListedMessage & { readonly kind: "deferred"; readonly reason: Reason })
  | (ListedMessage & { readonly kind: "failed"; readonly reason: Reason });

/**
 * How many listed messages came to which end. With what a {@link RunSummary} has besides (`left`, `retries`,
 * `baselined`) each of them is counted once, whatever ended the run.
 */
export interface Counts {
  /** A check: a fetch would retrieve it. Any run: it is new, and the run ended before it came to it. */
  new: number;
  stored: number;
  known: number;
  skipped: number;
  rebound: number;
  deferred: number;
  failed: number;
}

/** No message of any kind. */
export const NO_COUNTS: Readonly<Counts> = {
  new: 0,
  stored: 0,
  known: 0,
  skipped: 0,
  rebound: 0,
  deferred: 0,
  failed: 0,
};

/** What a run has done so far; final when its outcomes have ended, in whatever way. */
export interface RunSummary {
  readonly counts: Readonly<Counts>;
  /** Things that a person should know, each said once. */
  readonly warnings: readonly Reason[];
  /** True if the run saw its listing through to the end. */
  readonly complete: boolean;
  /** Messages that this run marked as known without storing them. */
  readonly baselined: number;
  /** Messages that were new, or due again, but beyond the limit. */
  readonly left: number;
  /** Deferred messages that are due and were left for a run of their own. */
  readonly retries: number;
}

/** How far a run is; read it as often as you like. */
export interface RunProgress {
  readonly phase: "listing" | "detecting" | "selecting" | "retrieving" | "ended";
  /** Messages listed. */
  readonly listed: number;
  /** Messages to retrieve, and how many of them are settled. */
  readonly messages: number;
  readonly messagesDone: number;
  /** Their octets: listed octets to retrieve, octets that have arrived, listed octets of what is settled. */
  readonly octets: number;
  readonly octetsDone: number;
  readonly octetsSettled: number;
}
