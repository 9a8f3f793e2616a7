import type { Criteria } from "../criteria/criteria.ts";
import type { Ledger } from "../ports/ledger.ts";
import type { MaildropSession } from "../ports/maildrop-session.ts";
import type { Spool } from "../ports/spool.ts";
import type { Attempts } from "../report/attempts.ts";
import type { OnFirstListing } from "./first-listing.ts";

/** What a fetch needs. */
export interface FetchOptions {
  /** A logged-in session that has done nothing yet. The run ends it: by QUIT if that is safe, else by closing it. */
  readonly session: MaildropSession;
  readonly store: Ledger;
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
  readonly store: Ledger | null;
}

/** What marking a maildrop as known needs. */
export type BaselineOptions = Pick<
  FetchOptions,
  "session" | "store" | "maildrop" | "spool" | "leaseToken" | "onFirstListing" | "signal" | "now"
>;
