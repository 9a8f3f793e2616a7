/** What became of a ledger entry: its message is stored, was rejected by criteria, marked as known, or waits. */
export type Disposition = "stored" | "skipped" | "baseline" | "deferred";

/** One row of the ledger: what is known of one identity in one maildrop. */
export interface LedgerEntry {
  /** The key within the maildrop, 1 to 255 octets, compared octet by octet. */
  readonly identity: Uint8Array;
  /** Only where the identity is a class: the unique-id its members carried (key form), null if none. */
  readonly classUniqueId: Uint8Array | null;
  readonly disposition: Disposition;
  /** The message (UUID) whose content this entry stands for; null unless stored. */
  readonly messageId: string | null;
  /** Listed octets as last confirmed. */
  readonly octets: number | null;
  /** SHA-256 of the header block without volatile fields. */
  readonly headerDigest: Uint8Array | null;
  /** Octets without those of the volatile fields. */
  readonly coreOctets: number | null;
  /** True if the header has a Received field. */
  readonly strong: boolean;
  /** True if the entry was bound to its message without retrieving. */
  readonly bound: boolean;
  /** How many members of a class are settled; 1 for a unique-id. */
  readonly occurrences: number;
  /** The criteria that rejected it (32 octets), null unless skipped. */
  readonly criteriaDigest: Uint8Array | null;
  /** Failed attempts since the entry last succeeded or changed. */
  readonly attempts: number;
  /** Why it is deferred: a code and a sentence. */
  readonly reason: { readonly code: string; readonly message: string } | null;
  /** Not to be tried before; null: nothing to try. */
  readonly due: Date | null;
  readonly firstSeen: Date;
}

/** The part of a ledger entry that telling known from new needs. */
export interface KnownEntry {
  readonly identity: Uint8Array;
  readonly disposition: Disposition;
  /** The 16 octets of the message's UUID. */
  readonly messageKey: Uint8Array | null;
  readonly octets: number | null;
  readonly criteriaDigest: Uint8Array | null;
  readonly bound: boolean;
  readonly attempts: number;
  readonly due: Date | null;
}
