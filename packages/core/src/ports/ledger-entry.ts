import { equalOctets, latin1, sameOctets } from "../message/octets.ts";

/**
 * What became of the message of a ledger entry. `stored`: it is in the store. `skipped`: criteria rejected it.
 * `baseline`: it was marked as known without being retrieved. `deferred`: it failed, and will be tried again. `waiting`: the
 * criteria do not want it yet, and decide again at the time `due` (rule 25).
 */
export type Disposition = "stored" | "skipped" | "baseline" | "deferred" | "waiting";

/** One row of the ledger: what is known of one identity in one maildrop. */
export interface LedgerEntry {
  /** The key within the maildrop, 1 to 255 octets, compared octet by octet. */
  readonly identity: Uint8Array;
  /** In a class row the key of the unique-id that all members have, null if they have none; null in other rows. */
  readonly classUniqueId: Uint8Array | null;
  readonly disposition: Disposition;
  /** The UUID of the stored message that this entry stands for; null unless `stored`. */
  readonly messageId: string | null;
  /** The octets that LIST gave when the entry was last found to be right. */
  readonly octets: number | null;
  /** SHA-256 of the header block without volatile fields. */
  readonly headerDigest: Uint8Array | null;
  /** Octets of the message without those of the volatile fields. */
  readonly coreOctets: number | null;
  /** True if the header has a Received field: then it belongs to one delivery only. */
  readonly strong: boolean;
  /** True if the entry was bound to its message by the header alone, without download (rule 13). */
  readonly bound: boolean;
  /** In a class row the number of members that are settled; 1 in the row of a unique-id. */
  readonly occurrences: number;
  /** The digest of the criteria that rejected the message, or let it wait (32 octets); null unless `skipped` or `waiting`. */
  readonly criteriaDigest: Uint8Array | null;
  /** Failed attempts since the entry last succeeded or changed. */
  readonly attempts: number;
  /** Why the last attempt failed, as a stable code and a sentence. */
  readonly reason: { readonly code: string; readonly message: string } | null;
  /** The time before which it is not tried again, or if it is `waiting` not looked at; null where there is nothing to do. */
  readonly due: Date | null;
  readonly firstSeen: Date;
}

/** The part of a {@link LedgerEntry} by which detection tells known messages from new ones. */
export interface KnownEntry {
  readonly identity: Uint8Array;
  readonly disposition: Disposition;
  /** The 16 octets of the UUID in `messageId`. */
  readonly messageKey: Uint8Array | null;
  readonly octets: number | null;
  readonly criteriaDigest: Uint8Array | null;
  readonly bound: boolean;
  readonly attempts: number;
  readonly due: Date | null;
}

/** The rows in a map; the key is the row's identity as a string ({@link latin1}). */
export function byIdentity(rows: readonly LedgerEntry[]): Map<string, LedgerEntry> {
  return new Map(rows.map((row) => [latin1(row.identity), row]));
}

/** True if both are digests of the same criteria, or both are null (no criteria). */
export function sameCriteria(a: Uint8Array | null, b: Uint8Array | null): boolean {
  return sameOctets(a, b);
}

/** True if nothing is left to do for the row's message: it neither failed nor waits, nor was it skipped by other criteria. */
export function isSettled(
  { disposition, criteriaDigest: skippedBy }: LedgerEntry,
  criteriaDigest: Uint8Array | null,
): boolean {
  if (disposition === "deferred" || disposition === "waiting") return false;
  return disposition !== "skipped" || sameCriteria(skippedBy, criteriaDigest);
}

/** True if the row is certainly of a message with another header. False if either header is not known (null). */
export function isUnlike({ headerDigest: own }: LedgerEntry, headerDigest: Uint8Array | null): boolean {
  return own !== null && headerDigest !== null && !equalOctets(own, headerDigest);
}
