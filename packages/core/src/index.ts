export { compileCriteria, type Explanation, QueryCriteria } from "./criteria/compile.ts";
export type { Criteria } from "./criteria/criteria.ts";
export type { HeaderAndOctets, TermFinding } from "./criteria/evaluate.ts";
export { CriteriaSyntaxError } from "./criteria/syntax-error.ts";
export { detectNew, type NewAndKnown } from "./detect/new.ts";
export {
  ContentRefusedError,
  DuplicateKeyError,
  GuardFailedError,
  MailonceError,
  ServerError,
  StoreUnavailableError,
  TransactionConflictError,
} from "./errors.ts";
export { InMemorySpool, MemoryContent } from "./memory/content.ts";
export { InMemoryMaildrop, InMemorySession, type MemoryMail } from "./memory/session.ts";
export { InMemoryStore } from "./memory/store.ts";
export {
  digestMessage,
  type HeaderEvidence,
  headerEvidence,
  MAX_HEADER_OCTETS,
  MessageDigester,
  type MessageDigests,
} from "./message/digest.ts";
export { decodeField } from "./message/field.ts";
export { type DateKind, type HeaderFields, readHeader } from "./message/header.ts";
export { type HeaderField, headerEnd, headerFields } from "./message/header-fields.ts";
export { DECODER_VERSION } from "./message/version.ts";
export { dueTime, isDue, LONGEST_DELIVERY_WAIT_MS } from "./ports/due.ts";
export { KnownBlock } from "./ports/known-block.ts";
export type {
  DropListing,
  ExchangeOptions,
  HeaderReply,
  ListingPart,
  MaildropSession,
  Refusal,
  RetrReply,
  RetrRequest,
} from "./ports/session.ts";
export type { Content, Spool, SpoolWriter } from "./ports/spool.ts";
export {
  type Disposition,
  type Guard,
  ITEMS_A_CALL,
  type KnownEntry,
  type LeaseHolder,
  type LeaseRequest,
  type LedgerEntry,
  type LedgerTransaction,
  type ListingMark,
  LONGEST_LEASE_MS,
  type Maildrop,
  type MaildropFacts,
  type MessageQuery,
  type MessageStore,
  type NewMessage,
  type StoredCopy,
  type StoredMessage,
} from "./ports/store.ts";
export { unbounded } from "./ports/unbounded.ts";
export { Attempts } from "./report/attempts.ts";
export type { Counts, ListedMessage, Outcome, Reason, RunProgress, RunSummary } from "./report/outcome.ts";
export { OverlongMessageError, SuspectReplyError } from "./retrieve/retrieve.ts";
export { type Explained, explainMaildrop } from "./run/explain.ts";
export type { OnFirstListing, SampledEntry } from "./run/first-listing.ts";
export {
  type BaselineOptions,
  baselineMaildrop,
  type CheckOptions,
  checkMaildrop,
  type FetchOptions,
  fetchMaildrop,
  Run,
} from "./run/run.ts";
