import type { DateKind, Disposition } from "@mailonce/core";
import type {
  AttachmentChunkRecord,
  AttachmentRecord,
  ContentMarkRecord,
  ContentStateRecord,
  MessageAddressRecord,
  MessageAttachmentRecord,
  MessageContentRecord,
  MessagePartRecord,
  MessageReferenceRecord,
} from "./content-records.ts";

/** A row of `maildrop`, as a repository of its entity gives it. */
export interface MaildropRecord {
  id: number;
  name: string;
  markCriteriaDigest: Uint8Array | null;
  markCount: number | null;
  markUidlOctets: number | null;
  markListOctets: number | null;
  markDigest: Uint8Array | null;
  generation: number;
  uniqueIdsTrusted: boolean;
  topProven: boolean | null;
  retrievalHides: boolean;
  sequential: boolean;
  utf8: boolean | null;
  endedCleanly: boolean;
  lastCount: number;
  pauseReason: string | null;
  lastRun: Date | null;
  leaseToken: string | null;
  leaseOwner: string | null;
  leaseExpiresAt: Date | null;
}

/** A row of `ledger_entry`. */
export interface LedgerEntryRecord {
  maildropId: number;
  identity: Uint8Array;
  classUniqueId: Uint8Array | null;
  disposition: Disposition;
  messageId: string | null;
  octets: number | null;
  headerDigest: Uint8Array | null;
  coreOctets: number | null;
  strong: boolean;
  bound: boolean;
  occurrences: number;
  criteriaDigest: Uint8Array | null;
  attempts: number;
  reasonCode: string | null;
  reasonMessage: string | null;
  due: Date | null;
  firstSeen: Date;
}

/** A row of `message`. */
export interface MessageRecord {
  /** UUIDv7 in lower case. */
  id: string;
  maildropId: number;
  digest: Uint8Array;
  copy: number;
  sha256: Uint8Array;
  octets: number;
  messageIdHeader: string | null;
  subject: string | null;
  from: string | null;
  to: string | null;
  date: Date | null;
  storedAt: Date;
  /** The version of what read the fields from the header; null for one before 1. */
  decoder: number | null;
  dateKind: DateKind | null;
  attachments: boolean | null;
}

/** A row of `message_chunk`: a part of a message's octets. */
export interface MessageChunkRecord {
  messageId: string;
  /** 0 for the first part. */
  seq: number;
  content: Uint8Array;
}

/** A row of `outbox`: a hook that a stored message is, or was, to be delivered to. */
export interface OutboxRecord {
  messageId: string;
  hook: string;
  maildropId: number;
  idempotencyKey: string;
  /** `pending`, `delivered` or `dead` (given up). */
  state: string;
  attempts: number;
  due: Date | null;
  deliveredAt: Date | null;
  reasonCode: string | null;
  reasonMessage: string | null;
  createdAt: Date;
}

/** A row of `account`: an account that a program keeps in the database instead of a file. */
export interface AccountRecord {
  name: string;
  /** JSON: what an entry of an accounts file says. */
  settings: string;
  changedAt: Date;
}

/** A row of `address`: whose mail a maildrop holds, and on which server. */
export interface AddressRecord {
  maildropId: number;
  address: string;
}

/** A row of `login`: the login that worked last, and how often it was refused since. */
export interface LoginRecord {
  maildropId: number;
  salt: Uint8Array;
  digest: Uint8Array;
  fingerprint: Uint8Array | null;
  refusals: number;
  refusedSince: Date | null;
}

/** A row of `first_run`: by what a maildrop's mailbox is known again, should another maildrop begin with it. */
export interface FirstRunRecord {
  maildropId: number;
  /** Of the beginning and the end of its first listing; null where that tells nothing. */
  digest: Uint8Array | null;
  /** True if another maildrop may hold the same mail. */
  apart: boolean;
}

/** A row of `worker`: a worker process that lives, or died lately. */
export interface WorkerRecord {
  owner: string;
  queue: string;
  expiresAt: Date;
}

/** A row of `standing`: how a maildrop stands with its server, for the worker. */
export interface StandingRecord {
  maildropId: number;
  notBefore: Date | null;
  lastRun: Date | null;
  lastSuccess: Date | null;
  failures: number;
  refusals: number;
  loginDelayMs: number;
  pauseCode: string | null;
  pauseDigest: Uint8Array | null;
}

/** A row of `oauth2_token`: what an account logs in with, encrypted. */
export interface OAuth2TokenRecord {
  account: string;
  /** Another one after each change. */
  version: string;
  sealed: Uint8Array;
  refusalCode: string | null;
  refusalMessage: string | null;
  claimToken: string | null;
  claimOwner: string | null;
  claimExpiresAt: Date | null;
  changedAt: Date;
}

/** A row of `export`: an export of what is new, by its name, and what it has written last. */
export interface ExportRecord {
  id: number;
  name: string;
  format: string | null;
  path: string | null;
  /** How much of the file holds messages that are noted; 0 where each message has a file of its own. */
  fileOctets: number;
  fileMark: string | null;
  endedCleanly: boolean;
  leaseToken: string | null;
  leaseOwner: string | null;
  leaseExpiresAt: Date | null;
}

/** A row of `exported_message`: a message that an export has had. */
export interface ExportedMessageRecord {
  exportId: number;
  messageId: string;
}

/** The rows of all tables, as repositories of their entities give them. */
export interface MailonceRecords {
  readonly maildrop: MaildropRecord;
  readonly ledgerEntry: LedgerEntryRecord;
  readonly message: MessageRecord;
  readonly messageChunk: MessageChunkRecord;
  readonly outbox: OutboxRecord;
  readonly account: AccountRecord;
  readonly standing: StandingRecord;
  readonly address: AddressRecord;
  readonly login: LoginRecord;
  readonly firstRun: FirstRunRecord;
  readonly worker: WorkerRecord;
  readonly oauth2Token: OAuth2TokenRecord;
  readonly messageContent: MessageContentRecord;
  readonly messagePart: MessagePartRecord;
  readonly messageAddress: MessageAddressRecord;
  readonly messageReference: MessageReferenceRecord;
  readonly attachment: AttachmentRecord;
  readonly attachmentChunk: AttachmentChunkRecord;
  readonly messageAttachment: MessageAttachmentRecord;
  readonly contentState: ContentStateRecord;
  readonly contentMark: ContentMarkRecord;
  readonly export: ExportRecord;
  readonly exportedMessage: ExportedMessageRecord;
}
