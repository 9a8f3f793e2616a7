export {
  ContentRefusedError,
  DuplicateKeyError,
  GuardFailedError,
  MailonceError,
  ServerError,
  StoreUnavailableError,
  TransactionConflictError,
} from "./errors.ts";
export type {
  DropListing,
  ExchangeOptions,
  HeaderReply,
  Listings,
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
