import type { KnownBlock } from "./known-block.ts";
import type { LedgerEntry } from "./ledger-entry.ts";
import type { Maildrop, MaildropFacts } from "./maildrop.ts";
import type { StoredMessage } from "./messages.ts";
import type { Content } from "./spool.ts";

/** So many keys, rows or messages a call of a store takes at most. */
export const ITEMS_A_CALL = 1000;

/** A message about to be stored. */
export interface NewMessage extends Omit<StoredMessage, "maildrop"> {
  /** SHA-256 of the message without volatile fields. Unique in its maildrop together with `copy`. */
  readonly digest: Uint8Array;
  /** 0 for the first message of this digest, 1 for the second, and so on. */
  readonly copy: number;
  readonly content: Content;
  /** Who is to be told of it: the outbox gets a row for each name in the same transaction. None if absent. */
  readonly hooks?: readonly string[];
}

/** One stored copy of a content. */
export interface StoredCopy {
  readonly messageId: string;
  readonly digest: Uint8Array;
  readonly copy: number;
}

/** What must still hold for a transaction to be allowed. */
export interface Guard {
  readonly generation: number;
  /** The lease's token, which must be the maildrop's; null where the run holds none: then nobody's lease matters. */
  readonly leaseToken: string | null;
}

/**
 * One transaction on one maildrop. Reads see what is committed and what this transaction wrote. Inserts of a
 * key that exists throw {@link DuplicateKeyError} and spoil the transaction. Every call is of at most
 * {@link ITEMS_A_CALL} keys, rows or messages.
 */
export interface LedgerTransaction {
  /** The rows of these identities, in any order. */
  entries(identities: readonly Uint8Array[]): Promise<readonly LedgerEntry[]>;
  /** The class rows of these unique-ids (key form). */
  classEntries(uniqueIds: readonly Uint8Array[]): Promise<readonly LedgerEntry[]>;
  /** The rows that name one of these messages. */
  entriesNaming(messageIds: readonly string[]): Promise<readonly LedgerEntry[]>;
  /** The rows with one of these header digests. */
  entriesWithHeader(headerDigests: readonly Uint8Array[]): Promise<readonly LedgerEntry[]>;
  /** The stored copies of these digests. */
  copies(digests: readonly Uint8Array[]): Promise<readonly StoredCopy[]>;
  insertMessages(messages: readonly NewMessage[]): Promise<void>;
  insertEntries(entries: readonly LedgerEntry[]): Promise<void>;
  /** Replaces the rows of the same identities, all columns but `firstSeen`. */
  updateEntries(entries: readonly LedgerEntry[]): Promise<void>;
  deleteEntries(identities: readonly Uint8Array[]): Promise<void>;
  updateMaildrop(change: Partial<MaildropFacts>): Promise<void>;
}

/**
 * What runs read and write. Message and ledger entry are written in one transaction, under the unique keys
 * (maildrop, identity) and (maildrop, digest, copy): there is no second state that could disagree.
 */
export interface Ledger {
  /** The maildrop of this name, or null. Creates nothing. */
  findMaildrop(name: string): Promise<Maildrop | null>;
  /** The maildrop of this name, created if missing; two callers at once get the same. */
  openMaildrop(name: string): Promise<Maildrop>;
  /** Every ledger entry of the maildrop, in any order, in blocks: memory does not grow with the ledger. */
  knownEntries(maildropId: number): AsyncIterable<KnownBlock>;
  /** The whole rows of these identities, in any order; at most {@link ITEMS_A_CALL} a call. */
  entries(maildropId: number, identities: readonly Uint8Array[]): Promise<readonly LedgerEntry[]>;
  /**
   * Runs `work` in one transaction and commits it. The maildrop's row is locked first and must satisfy the
   * guard, or {@link GuardFailedError} is thrown and nothing was written. If `work` throws, all is rolled back and
   * the error passed on. If the commit fails in doubt, the error is {@link StoreUnavailableError}. `work` waits for
   * nothing but the transaction, and may be run more than once before its result counts.
   */
  transact<T>(maildropId: number, guard: Guard, work: (tx: LedgerTransaction) => Promise<T>): Promise<T>;
}
