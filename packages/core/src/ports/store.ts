import type { DateKind } from "../message/header.ts";
import type { KnownBlock } from "./known-block.ts";
import type { Content } from "./spool.ts";

/** So many keys, rows or messages a call of a store takes at most. */
export const ITEMS_A_CALL = 1000;

/** What became of a ledger entry: its message is stored, was rejected by criteria, marked as known, or waits. */
export type Disposition = "stored" | "skipped" | "baseline" | "deferred";

/**
 * How far a listing was settled when it was last seen: a digest of the first octets of UIDL and of LIST.
 * A listing that begins with the same octets has nothing new in them. A mark that says nothing of a listing, because an
 * earlier version digested in another way, costs one look at the whole ledger.
 */
export interface ListingMark {
  /** The criteria under which all of it was settled (32 octets), null for none. */
  readonly criteriaDigest: Uint8Array | null;
  /** Number of messages covered. */
  readonly count: number;
  /** Octets covered of UIDL's lines and of LIST's lines. */
  readonly uidlOctets: number;
  readonly listOctets: number;
  /** Of the covered octets of UIDL, then of those of LIST; 32 octets. */
  readonly digest: Uint8Array;
}

/** What is remembered of a maildrop and its server from run to run. */
export interface MaildropFacts {
  readonly mark: ListingMark | null;
  /** Raised by whatever makes other runs' knowledge stale; see {@link Guard}. */
  readonly generation: number;
  /** False for ever once unlike messages were seen under one unique-id. */
  readonly uniqueIdsTrusted: boolean;
  /** True: `TOP n 0` gives the header that RETR gives. False: it does not. Null: not known yet. */
  readonly topProven: boolean | null;
  /** True: what was retrieved is no longer listed after QUIT (Gmail and the like). */
  readonly retrievalHides: boolean;
  /** True: one command at a time, because replies once did not fit their commands. */
  readonly sequential: boolean;
  /** True if UTF8 was in force in the last session (RFC 6856), null before the first. */
  readonly utf8: boolean | null;
  /** False while a run is under way and after one that did not end by itself. */
  readonly endedCleanly: boolean;
  /** Number of messages in the last listing that was not suspicious. */
  readonly lastCount: number;
  /** Why the account is paused, null if it is not. */
  readonly pauseReason: string | null;
  /** When the last run ended, null before the first. */
  readonly lastRun: Date | null;
}

/** A maildrop's row. */
export interface Maildrop extends MaildropFacts {
  readonly id: number;
  readonly name: string;
}

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

/** A stored message's row, without its content. */
export interface StoredMessage {
  /** UUIDv7 in lower case. */
  readonly id: string;
  /** The maildrop's name. */
  readonly maildrop: string;
  /** SHA-256 of the octets as they arrived. */
  readonly sha256: Uint8Array;
  readonly octets: number;
  /** The header's Message-ID field as it stands. */
  readonly messageIdHeader: string | null;
  readonly subject: string | null;
  readonly from: string | null;
  readonly to: string | null;
  readonly date: Date | null;
  /** How sure the date is. Null where there is none, and where an older version stored the message. */
  readonly dateKind: DateKind | null;
  /** True if the header says that there is more in it than text; null where an older version stored the message. */
  readonly attachments: boolean | null;
  /** The version of what read these fields from the header (`DECODER_VERSION`); 0 for an older one. */
  readonly decoder: number;
  readonly storedAt: Date;
}

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

/** Which stored messages to read. */
export interface MessageQuery {
  /** Only this maildrop's; all if absent. */
  readonly maildrop?: string;
  /** At most this many; all if absent. */
  readonly limit?: number;
  /**
   * By what they are sorted, newest first: `stored` (if absent) by when they were stored, `date` by the message's own date,
   * or by when it was stored where it has none.
   */
  readonly order?: "stored" | "date";
}

/**
 * The ledger and the messages. Message and ledger entry are written in one transaction, under the unique keys
 * (maildrop, identity) and (maildrop, digest, copy): there is no second state that could disagree.
 */
export interface MessageStore {
  /** The maildrop of this name, or null. Creates nothing. */
  findMaildrop(name: string): Promise<Maildrop | null>;
  /** The maildrop of this name, created if missing; two callers at once get the same. */
  openMaildrop(name: string): Promise<Maildrop>;
  /** Every ledger entry of the maildrop, in any order, in blocks: memory does not grow with the ledger. */
  knownEntries(maildropId: number): AsyncIterable<KnownBlock>;
  /** The whole rows of these identities, in any order; at most {@link ITEMS_A_CALL} a call. */
  entries(maildropId: number, identities: readonly Uint8Array[]): Promise<readonly LedgerEntry[]>;
  /** All maildrops, by name. */
  maildrops(): Promise<readonly Maildrop[]>;
  /** The entries that are deferred, or settled with failed attempts since; in any order, in blocks. */
  deferredEntries(maildropId: number): AsyncIterable<readonly LedgerEntry[]>;
  /** Takes the maildrop's lease: null if it is the caller's now, else who holds it. Two who ask at once do not both get it. */
  acquireLease(maildropId: number, request: LeaseRequest): Promise<LeaseHolder | null>;
  /** Prolongs the lease; false if it is no longer the token's. */
  renewLease(maildropId: number, token: string, ttlMs: number): Promise<boolean>;
  /** Gives the lease back; nothing happens if it is no longer the token's. */
  releaseLease(maildropId: number, token: string): Promise<void>;
  /**
   * Gives the maildrop another name; all else stays. Only for who holds its lease: {@link GuardFailedError} otherwise,
   * {@link DuplicateKeyError} if there is a maildrop of this name already. Nothing was changed then.
   */
  renameMaildrop(maildropId: number, name: string, leaseToken: string): Promise<void>;
  /**
   * Runs `work` in one transaction and commits it. The maildrop's row is locked first and must satisfy the
   * guard, or {@link GuardFailedError} is thrown and nothing was written. If `work` throws, all is rolled back and
   * the error passed on. If the commit fails in doubt, the error is {@link StoreUnavailableError}. `work` waits for
   * nothing but the transaction, and may be run more than once before its result counts.
   */
  transact<T>(maildropId: number, guard: Guard, work: (tx: LedgerTransaction) => Promise<T>): Promise<T>;
  /** Stored messages, newest stored first. */
  messages(query?: MessageQuery): AsyncIterable<StoredMessage>;
  /** The messages whose id begins with `idPrefix` (lower case), at most two: none, the one, or "ambiguous". */
  findMessages(idPrefix: string): Promise<readonly StoredMessage[]>;
  /** The hooks that are still to be told of this message, sorted. */
  pendingHooks(messageId: string): Promise<readonly string[]>;
  /** The message's octets exactly as they arrived, in order. Throws if there is no such message. */
  content(messageId: string): AsyncIterable<Uint8Array>;
}
