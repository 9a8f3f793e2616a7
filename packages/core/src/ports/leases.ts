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

/** The part of a store that keeps one lease for each maildrop, so that two runs do not do the same work at once. */
export interface Leases {
  /** Takes the lease. Gives null if the caller has it now, else its holder. Of two callers at once, one gets it. */
  acquireLease(maildropId: number, request: LeaseRequest): Promise<LeaseHolder | null>;
  /** Makes the lease end `ttlMs` milliseconds from now. Gives false if the lease is no longer held under this token. */
  renewLease(maildropId: number, token: string, ttlMs: number): Promise<boolean>;
  /** Gives the lease back. Does nothing if the lease is no longer held under this token. */
  releaseLease(maildropId: number, token: string): Promise<void>;
  /** Gives the present holder of the lease, null if there is none. Changes nothing. */
  leaseHolder(maildropId: number): Promise<LeaseHolder | null>;
}
