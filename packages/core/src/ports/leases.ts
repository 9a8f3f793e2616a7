import type { Maildrop, MaildropFacts } from "./maildrop.ts";

/**
 * The longest time for which a lease is given, in milliseconds. A lease that ends later than this from now is taken over
 * like an expired one: the database's clock was ahead when it was given. A holder that still lives finds its lease lost.
 */
export const LONGEST_LEASE_MS = 2 * 3_600_000;

/** Asks for the right to be the only run on a maildrop for a time. */
export interface LeaseRequest {
  /** A fresh random token; every commit of the run confirms it. */
  readonly token: string;
  /** Names the process that asks, in at most 255 characters, so that another can tell whether it still lives. */
  readonly owner: string;
  /** Milliseconds, by the database's clock, until the lease ends unless renewed; at most {@link LONGEST_LEASE_MS}. */
  readonly ttlMs: number;
  /** Asked about the owner of an unexpired lease. True if that process is known to be dead: the lease is taken over. */
  isDead(owner: string): boolean;
}

/** The present holder of a lease. */
export interface LeaseHolder {
  /** The `owner` of the request that got the lease. */
  readonly owner: string;
  /** Milliseconds, by the database's clock, until the lease ends unless it is renewed. */
  readonly expiresInMs: number;
}

/**
 * What became of a {@link LeaseRequest}. `taken` gives the maildrop as it is under the lease; `isNew`: this very request has
 * made it, so nothing else is known of it.
 */
export type LeaseAnswer =
  | { readonly kind: "taken"; readonly maildrop: Maildrop; readonly isNew: boolean }
  | { readonly kind: "held"; readonly holder: LeaseHolder };

/** What is written of a maildrop in the commit that gives its lease back. */
export interface LeaseEnd {
  /** Must be the maildrop's generation, or nothing is written. */
  readonly generation: number;
  readonly change: Partial<MaildropFacts>;
}

/** A lease that is held, as a run under it needs it. */
export interface HeldLease {
  /** Every commit of the run confirms it. */
  readonly token: string;
  /** The maildrop as it is under the lease before the run. */
  readonly maildrop: Maildrop;
  /** True: it was made with the lease, and had no run since. Its ledger is empty. */
  readonly isNew: boolean;
  /** Says what is to be written when the lease is given back, instead of what was said before. */
  leave(end: LeaseEnd): void;
}

/** The part of a store that keeps one lease for each maildrop, so that two runs do not do the same work at once. */
export interface Leases {
  /**
   * Takes the lease of the maildrop of this name, which is made if it is missing. Of two callers at once, one gets it. A
   * lease that is there under another token was never given back: the run under it did not end by itself, and where the
   * lease is taken over, `endedCleanly` becomes false in the same commit (rule 21).
   */
  acquireLease(maildropName: string, request: LeaseRequest): Promise<LeaseAnswer>;
  /** Makes the lease end `ttlMs` milliseconds from now. Gives false if the lease is no longer held under this token. */
  renewLease(maildropId: number, token: string, ttlMs: number): Promise<boolean>;
  /**
   * Gives the lease back, and writes what its run has left in the same commit. Does nothing if the lease is no longer held
   * under this token.
   */
  releaseLease(maildropId: number, token: string, end?: LeaseEnd): Promise<void>;
  /** Gives the present holder of the lease, null if there is none. Changes nothing. */
  leaseHolder(maildropId: number): Promise<LeaseHolder | null>;
}
