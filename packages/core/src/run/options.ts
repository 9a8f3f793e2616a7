import type { Criteria } from "../criteria/criteria.ts";
import type { HeldLease } from "../ports/leases.ts";
import type { Ledger } from "../ports/ledger.ts";
import type { MaildropSession } from "../ports/maildrop-session.ts";
import type { Spool } from "../ports/spool.ts";
import type { Attempts } from "../report/attempts.ts";
import type { OnFirstListing } from "./first-listing.ts";

/** What a fetch needs. */
export interface FetchOptions {
  /** A session after login in which nothing was done yet. The run ends it: by QUIT if that is safe, else by closing it. */
  readonly session: MaildropSession;
  readonly store: Ledger;
  /** The maildrop's name in the ledger. */
  readonly maildrop: string;
  /** Keeps messages above 1 MiB until their transaction. */
  readonly spool: Spool;
  /** Decides which messages are wanted; all are if it is absent or null. */
  readonly criteria?: Criteria | null;
  /** The largest number of messages to retrieve, lowest message numbers first; no limit if absent. */
  readonly limit?: number;
  /** Messages with more octets are deferred; 100 MiB if absent. */
  readonly maxOctets?: number;
  /** Names of hooks to be told of each stored message by the outbox; all different, each of at most 255 octets. */
  readonly hooks?: readonly string[];
  /** True if the server no longer lists a retrieved message after QUIT (Gmail). If absent, as the last run had it. */
  readonly retrievalHides?: boolean;
  /** `retries`: takes only deferred messages that are due. If absent, these are taken only if nothing is new. */
  readonly only?: "retries";
  /** Shared by all runs that are one fetch to their user; if absent, this run is a fetch by itself. */
  readonly attempts?: Attempts;
  /**
   * The maildrop's lease, which every commit checks. What the run leaves to it must be written when it is given back, which
   * must not be before the run has ended. No lease is checked if it is absent or null.
   */
  readonly lease?: HeldLease | null;
  readonly onFirstListing?: OnFirstListing;
  /** On abort the session is closed, what has arrived in step is committed, and the reason is thrown. */
  readonly signal?: AbortSignal;
  /** The clock; the system's if absent. */
  readonly now?: () => Date;
}

/** What a check needs. See {@link FetchOptions} for the fields. */
export interface CheckOptions
  extends Pick<
    FetchOptions,
    "session" | "maildrop" | "criteria" | "limit" | "onFirstListing" | "signal" | "now"
  > {
  /** Null if there is no database yet: then all messages are new. */
  readonly store: Ledger | null;
}

/** What a baseline needs. See {@link FetchOptions} for the fields. */
export type BaselineOptions = Pick<
  FetchOptions,
  "session" | "store" | "maildrop" | "spool" | "lease" | "onFirstListing" | "signal" | "now"
>;
