export { ArgumentError } from "./argument-error.ts";
export { type CreateStoreOptions, createStore } from "./create-store.ts";
export type { DatabaseTls, DatabaseTlsMode } from "./database-tls.ts";
export { type DatabaseAddress, DatabaseUrlError, parseDatabaseUrl } from "./database-url.ts";
export type { Dialect } from "./dialect.ts";
export { type MigrationClass, mailonceMigrations } from "./migrations/migrations.ts";
export { migrationWords, type SchemaReport, type SchemaState } from "./migrations/pending.ts";
export type { ServerEncryption, ServerInspection } from "./mysql/inspect-server.ts";
export {
  inspectStore,
  type OpenStoreOptions,
  openExistingStore,
  openStore,
  type StoreInspection,
} from "./open-store.ts";
export {
  Outbox,
  type OutboxDepth,
  type OutboxEntry,
  type OutboxKey,
  type OutboxQuery,
  type OutboxResult,
  type OutboxState,
} from "./outbox.ts";
export { type MailonceEntities, mailonceEntities } from "./schema/entities.ts";
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
export type { OAuth2TokenRecord } from "./schema/token-schema.ts";
export { type BetterSqlite3Driver, SqliteDatabase } from "./sqlite/better-sqlite3-adapter.ts";
export { type SqliteLibrary, sqliteDriver } from "./sqlite/driver.ts";
export { type StoredAccount, StoredAccounts } from "./stored-accounts.ts";
export { StoredAddresses } from "./stored-addresses.ts";
export { type FirstRunClaim, type Neighbour, StoredFirstRuns } from "./stored-first-runs.ts";
export {
  type HeaderQuery,
  type HeaderStatus,
  type StoredHeader,
  StoredHeaders,
} from "./stored-headers.ts";
export { type LoginRefusals, type StoredLogin, StoredLogins } from "./stored-logins.ts";
export {
  type StandingSummary,
  type StoredPause,
  type StoredStanding,
  StoredStandings,
} from "./stored-standings.ts";
export { type StoredWorker, StoredWorkers } from "./stored-workers.ts";
export { DEFAULT_TABLE_PREFIX } from "./table-names.ts";
export { type StoredToken, TokenStore } from "./token-store.ts";
export { TypeormStore } from "./typeorm-store.ts";
