import type { KnownBlock } from "./known-block.ts";
import type { LedgerEntry } from "./ledger-entry.ts";
import type { Maildrop, MaildropFacts } from "./maildrop.ts";
import type { StoredMessage } from "./messages.ts";
import type { Content } from "./spool.ts";

/** The largest number of keys, rows or messages in one call of a store. */
export const ITEMS_A_CALL = 1000;

/** A message that is to be stored. */
export interface NewMessage extends Omit<StoredMessage, "maildrop"> {
  /** SHA-256 of the message without volatile fields. Unique in a maildrop together with `copy`. */
  readonly digest: Uint8Array;
  /** 0 for the first message of this digest, 1 for the second, and so on. */
  readonly copy: number;
  readonly content: Content;
  /** Names of hooks to be told of it: the same transaction puts a row for each into the outbox. None if absent. */
  readonly hooks?: readonly string[];
}

/** A stored message by its content: several messages may have one digest, and differ by `copy`. */
export interface StoredCopy {
  readonly messageId: string;
  readonly digest: Uint8Array;
  readonly copy: number;
}

/** What must still hold when a transaction starts; otherwise it throws {@link GuardFailedError}. */
export interface Guard {
  /** Must be the maildrop's generation. */
  readonly generation: number;
  /** Must be the token of the maildrop's lease. Null if the run holds no lease: then the lease is not looked at. */
  readonly leaseToken: string | null;
}

/**
 * One transaction on one maildrop. Reads see what is committed and what this transaction wrote, and give rows in any
 * order. An insert of a key that exists throws {@link DuplicateKeyError}; the transaction can only be rolled back then.
 * Every call takes at most {@link ITEMS_A_CALL} keys, rows or messages.
 */
export interface LedgerTransaction {
  /** The rows of these identities; nothing for an identity without a row. */
  entries(identities: readonly Uint8Array[]): Promise<readonly LedgerEntry[]>;
  /** The class rows whose `classUniqueId` is one of these keys. */
  classEntries(uniqueIds: readonly Uint8Array[]): Promise<readonly LedgerEntry[]>;
  /** The rows that name one of these messages. */
  entriesNaming(messageIds: readonly string[]): Promise<readonly LedgerEntry[]>;
  /** The rows with one of these header digests. */
  entriesWithHeader(headerDigests: readonly Uint8Array[]): Promise<readonly LedgerEntry[]>;
  /** The stored messages with one of these digests. */
  copies(digests: readonly Uint8Array[]): Promise<readonly StoredCopy[]>;
  insertMessages(messages: readonly NewMessage[]): Promise<void>;
  insertEntries(entries: readonly LedgerEntry[]): Promise<void>;
  /** Replaces the rows of the same identities, all columns but `firstSeen`. */
  updateEntries(entries: readonly LedgerEntry[]): Promise<void>;
  /** Changes in the rows of these identities the digest of the criteria, and nothing else. */
  rejectEntries(identities: readonly Uint8Array[], criteriaDigest: Uint8Array | null): Promise<void>;
  deleteEntries(identities: readonly Uint8Array[]): Promise<void>;
  updateMaildrop(change: Partial<MaildropFacts>): Promise<void>;
}

/**
 * The part of a store that a run reads and writes. A message and its ledger entry are written in one transaction, under
 * the unique keys (maildrop, identity) and (maildrop, digest, copy): there is no second state that could disagree.
 */
export interface Ledger {
  /** Gives the maildrop of this name, or null. Creates nothing. */
  findMaildrop(name: string): Promise<Maildrop | null>;
  /** Gives the maildrop of this name and creates it if it is missing; two callers at once get the same one. */
  openMaildrop(name: string): Promise<Maildrop>;
  /** Every ledger entry of the maildrop, in any order, in blocks, so that memory does not grow with the ledger. */
  knownEntries(maildropId: number): AsyncIterable<KnownBlock>;
  /** The whole rows of these identities, in any order; takes at most {@link ITEMS_A_CALL} identities. */
  entries(maildropId: number, identities: readonly Uint8Array[]): Promise<readonly LedgerEntry[]>;
  /** The rows with one of these header digests, in any order; takes at most {@link ITEMS_A_CALL} digests. */
  entriesWithHeader(
    maildropId: number,
    headerDigests: readonly Uint8Array[],
  ): Promise<readonly LedgerEntry[]>;
  /**
   * Runs `work` in one transaction and commits it; gives what `work` gave. The maildrop's row is locked first and must
   * satisfy the guard, or {@link GuardFailedError} is thrown and nothing is written. If `work` throws, all is rolled back
   * and the error is passed on. If nobody knows whether the commit took effect, {@link StoreUnavailableError} is thrown.
   * `work` may wait for nothing but the transaction, and may be run more than once before its result counts.
   */
  transact<T>(maildropId: number, guard: Guard, work: (tx: LedgerTransaction) => Promise<T>): Promise<T>;
}
