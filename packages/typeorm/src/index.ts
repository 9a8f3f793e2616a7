export { ArgumentError } from "./arguments/argument-error.ts";
export type { DatabaseAddress, DatabaseTls, DatabaseTlsMode } from "./database/database-address.ts";
export { DatabaseUrlError } from "./database/database-url-error.ts";
export type { ServerEncryption, ServerInspection, StoreInspection } from "./database/inspection.ts";
export type { SqliteLibrary } from "./database/opening.ts";
export { type DialectName, parseDatabaseUrl } from "./dialects.ts";
export {
  type HeaderQuery,
  type HeaderStatus,
  type StoredHeader,
  StoredHeaders,
} from "./messages/stored-headers.ts";
export type { MigrationClass } from "./migrations/migrations.ts";
export { migrationWords, type SchemaReport, type SchemaState } from "./migrations/schema-report.ts";
export { Outbox } from "./outbox/outbox.ts";
export type {
  OutboxDepth,
  OutboxEntry,
  OutboxKey,
  OutboxQuery,
  OutboxResult,
  OutboxState,
} from "./outbox/outbox-entry.ts";
export type { MailonceEntities } from "./schema/entities.ts";
export type {
  AccountRecord,
  AddressRecord,
  FirstRunRecord,
  LedgerEntryRecord,
  LoginRecord,
  MaildropRecord,
  MessageChunkRecord,
  MessageRecord,
  OutboxRecord,
  StandingRecord,
  WorkerRecord,
} from "./schema/records.ts";
export { DEFAULT_TABLE_PREFIX } from "./schema/table-names.ts";
export type { OAuth2TokenRecord } from "./schema/token-schema.ts";
export { type StoredAccount, StoredAccounts } from "./service/accounts.ts";
export { StoredAddresses } from "./service/addresses.ts";
export { type FirstRunClaim, type Neighbour, StoredFirstRuns } from "./service/first-runs.ts";
export { type LoginRefusals, type StoredLogin, StoredLogins } from "./service/logins.ts";
export {
  type StandingSummary,
  type StoredPause,
  type StoredStanding,
  StoredStandings,
} from "./service/standings.ts";
export { type StoredToken, TokenStore } from "./service/tokens.ts";
export { type StoredWorker, StoredWorkers } from "./service/workers.ts";
export { type BetterSqlite3Driver, SqliteDatabase } from "./sqlite/better-sqlite3-adapter.ts";
export { sqliteDriver } from "./sqlite/driver.ts";
export {
  type CreateStoreOptions,
  createStore,
  mailonceEntities,
  mailonceMigrations,
} from "./store/create-store.ts";
export {
  inspectStore,
  type OpenStoreOptions,
  openExistingStore,
  openStore,
} from "./store/open-store.ts";
export { TypeormStore } from "./store/typeorm-store.ts";
