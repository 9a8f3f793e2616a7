export { compileCriteria, type Explanation, QueryCriteria } from "./criteria/compile.ts";
export type { HeaderAndOctets, TermFinding } from "./criteria/evaluate.ts";
export { CriteriaSyntaxError } from "./criteria/syntax-error.ts";
export type { Criteria } from "./criteria.ts";
export { detectNew, type NewAndKnown } from "./detect-new.ts";
export {
  digestMessage,
  type HeaderEvidence,
  headerEvidence,
  MAX_HEADER_OCTETS,
  MessageDigester,
  type MessageDigests,
} from "./digest.ts";
export {
  ContentRefusedError,
  DuplicateKeyError,
  GuardFailedError,
  MailonceError,
  ServerError,
  StoreUnavailableError,
  TransactionConflictError,
} from "./errors.ts";
export { type Explained, explainMaildrop } from "./explain.ts";
export { KnownBlock } from "./known-block.ts";
export { InMemorySpool, MemoryContent } from "./memory/content.ts";
export { InMemoryMaildrop, InMemorySession, type MemoryMail } from "./memory/session.ts";
export { InMemoryStore } from "./memory/store.ts";
export { decodeField } from "./message/field.ts";
export { type DateKind, type HeaderFields, readHeader } from "./message/header.ts";
export { type HeaderField, headerEnd, headerFields } from "./message/header-fields.ts";
export { DECODER_VERSION } from "./message/version.ts";
export type { Counts, ListedMessage, Outcome, Reason, RunProgress, RunSummary } from "./outcome.ts";
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
export type {
  Disposition,
  Guard,
  KnownEntry,
  LeaseHolder,
  LeaseRequest,
  LedgerEntry,
  LedgerTransaction,
  ListingMark,
  Maildrop,
  MaildropFacts,
  MessageQuery,
  MessageStore,
  NewMessage,
  StoredCopy,
  StoredMessage,
} from "./ports/store.ts";
export { SuspectReplyError } from "./retrieve.ts";
export {
  type BaselineOptions,
  baselineMaildrop,
  type CheckOptions,
  checkMaildrop,
  type FetchOptions,
  fetchMaildrop,
  Run,
} from "./run.ts";
