export { ArgumentError } from "./arguments/argument-error.ts";
export type {
  AddressRole,
  AttachmentStatus,
  ClaimedMessage,
  ContentClaim,
  ContentStatus,
  DerivedAddress,
  DerivedContent,
  DerivedPart,
  NewAttachment,
  NewContent,
  StoredContent,
} from "./contents/derived-content.ts";
export type { StoredContents } from "./contents/stored-contents.ts";
export type { DatabaseAddress } from "./database/database-address.ts";
export { DatabaseUrlError } from "./database/database-url-error.ts";
export type { StoreInspection } from "./database/inspection.ts";
export type { SqliteLibrary } from "./database/opening.ts";
export { type DialectName, parseDatabaseUrl } from "./dialects.ts";
export type { ExportHolding, ExportPlace, ExportProgress, ExportSummary } from "./exports/export-rows.ts";
export type { StoredExports } from "./exports/stored-exports.ts";
export type { HeaderStatus, StoredHeader, StoredHeaders } from "./messages/stored-headers.ts";
export { migrationWords, type SchemaReport } from "./migrations/schema-report.ts";
export type { Outbox } from "./outbox/outbox.ts";
export type { OutboxDepth, OutboxEntry, OutboxResult, OutboxState } from "./outbox/outbox-entry.ts";
export type { MailonceRecords } from "./schema/records.ts";
export { DEFAULT_TABLE_PREFIX } from "./schema/table-names.ts";
export type { SearchHit, SearchPage, SearchRequest } from "./search/search-messages.ts";
export type { SearchStatus } from "./search/search-status.ts";
export type { StoredAccount, StoredAccounts } from "./service/accounts.ts";
export type { StoredAddresses } from "./service/addresses.ts";
export type { Neighbour, StoredFirstRuns } from "./service/first-runs.ts";
export type { StoredLogin, StoredLogins } from "./service/logins.ts";
export type {
  StandingSummary,
  StoredPause,
  StoredStanding,
  StoredStandings,
} from "./service/standings.ts";
export type { TokenStore } from "./service/tokens.ts";
export type { StoredWorkers } from "./service/workers.ts";
export { SqliteDatabase } from "./sqlite/better-sqlite3-adapter.ts";
export { sqliteDriver } from "./sqlite/driver.ts";
export {
  type CreateStoreOptions,
  createStore,
  mailonceEntities,
  mailonceMigrations,
} from "./store/create-store.ts";
export { inspectStore, type OpenStoreOptions, openExistingStore, openStore } from "./store/open-store.ts";
export type { TypeormStore } from "./store/typeorm-store.ts";
export type { Thread, ThreadMessage, ThreadOptions } from "./threads/thread.ts";
