/**
 * No lease is given for longer, in milliseconds. One that would hold for longer yet holds nobody off: the database's
 * clock was ahead when it was given, and its holder, should it live, will find that it is somebody else's.
 */
export const LONGEST_LEASE_MS = 2 * 3_600_000;

/** The wish to be the only one who runs on a maildrop, for a time. */
export interface LeaseRequest {
  /** A fresh random token; every commit of the run confirms it. */
  readonly token: string;
  /** Who asks, at most 255 characters, so that another can tell whether it still lives. */
  readonly owner: string;
  /**
   * The lease ends after this many milliseconds by the database's clock unless it is renewed; at most
   * {@link LONGEST_LEASE_MS}.
   */
  readonly ttlMs: number;
  /** True if the owner of an unexpired lease is known to be dead: then it is taken over at once. */
  isDead(owner: string): boolean;
}

/** Who holds a lease, and for how long it will hold unless it is renewed. */
export interface LeaseHolder {
  readonly owner: string;
  /** Milliseconds, by the database's clock. */
  readonly expiresInMs: number;
}

/** Who may run on a maildrop, so that two do not do the same work at once. */
export interface Leases {
  /** Takes the maildrop's lease: null if it is the caller's now, else who holds it. Two who ask at once do not both get it. */
  acquireLease(maildropId: number, request: LeaseRequest): Promise<LeaseHolder | null>;
  /** Prolongs the lease; false if it is no longer the token's. */
  renewLease(maildropId: number, token: string, ttlMs: number): Promise<boolean>;
  /** Gives the lease back; nothing happens if it is no longer the token's. */
  releaseLease(maildropId: number, token: string): Promise<void>;
  /** Who holds the lease now, null if nobody does; changes nothing. */
  leaseHolder(maildropId: number): Promise<LeaseHolder | null>;
}
