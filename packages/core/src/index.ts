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
export type { ListedMessage } from "./listing/candidate.ts";
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
export type { Deferred } from "./ports/deferred.ts";
export { dueTime, isDue, LONGEST_DELIVERY_WAIT_MS } from "./ports/due.ts";
export { KnownBlock } from "./ports/known-block.ts";
export {
  type HeldLease,
  type LeaseAnswer,
  type LeaseEnd,
  type LeaseHolder,
  type LeaseRequest,
  type Leases,
  LONGEST_LEASE_MS,
} from "./ports/leases.ts";
export {
  type Guard,
  ITEMS_A_CALL,
  type Ledger,
  type LedgerTransaction,
  type NewMessage,
  type StoredCopy,
} from "./ports/ledger.ts";
export type { Disposition, KnownEntry, LedgerEntry } from "./ports/ledger-entry.ts";
export {
  type ListingMark,
  type Maildrop,
  type MaildropFacts,
  type Maildrops,
  NEW_MAILDROP,
} from "./ports/maildrop.ts";
export type {
  DropListing,
  ExchangeOptions,
  HeaderReply,
  ListingPart,
  MaildropSession,
  Refusal,
  RetrPart,
  RetrReply,
  RetrRequest,
} from "./ports/maildrop-session.ts";
export { MemoryContent } from "./ports/memory-content.ts";
export type { MessageQuery, Messages, StoredMessage } from "./ports/messages.ts";
export { type Content, PART_OCTETS, type Spool, type SpoolWriter } from "./ports/spool.ts";
export type { MessageStore } from "./ports/store.ts";
export { dropDeferred, isDroppable, retryDeferred, uniqueIdOf } from "./record/deferred.ts";
export { Attempts } from "./report/attempts.ts";
export {
  type Counts,
  NO_COUNTS,
  NO_PROGRESS,
  type Outcome,
  type Reason,
  type RunProgress,
  type RunSummary,
} from "./report/outcome.ts";
export { OverlongMessageError, SuspectReplyError } from "./retrieve/errors.ts";
export { type Explained, explainMaildrop } from "./run/explain.ts";
export type { OnFirstListing, SampledEntry } from "./run/first-listing.ts";
export type { BaselineOptions, CheckOptions, FetchOptions } from "./run/options.ts";
export { baselineMaildrop, checkMaildrop, fetchMaildrop, Run } from "./run/run.ts";
