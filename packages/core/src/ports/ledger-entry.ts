import { equalOctets, latin1 } from "../message/octets.ts";

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

/** The rows by their keys, as {@link latin1} writes them. */
export function byIdentity(rows: readonly LedgerEntry[]): Map<string, LedgerEntry> {
  return new Map(rows.map((row) => [latin1(row.identity), row]));
}

/** True if both are the digest of the same criteria, or both none. */
export function sameCriteria(a: Uint8Array | null, b: Uint8Array | null): boolean {
  return a === null || b === null ? a === b : equalOctets(a, b);
}

/** True if the row says what became of its message under these criteria: it does not wait, nor did others skip it. */
export function isSettled(
  { disposition, criteriaDigest: skippedBy }: LedgerEntry,
  criteriaDigest: Uint8Array | null,
): boolean {
  if (disposition === "deferred") return false;
  return disposition !== "skipped" || sameCriteria(skippedBy, criteriaDigest);
}

/** True if the row is known to be of a message with another header than this one, which is null if it is not known. */
export function isUnlike({ headerDigest: own }: LedgerEntry, headerDigest: Uint8Array | null): boolean {
  return own !== null && headerDigest !== null && !equalOctets(own, headerDigest);
}
