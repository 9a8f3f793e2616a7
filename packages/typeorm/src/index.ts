export { type CreateStoreOptions, createStore } from "./create-store.ts";
export { type DatabaseAddress, DatabaseUrlError, parseDatabaseUrl } from "./database-url.ts";
export type { Dialect } from "./dialect.ts";
export { type MigrationClass, mailonceMigrations } from "./migrations/migrations.ts";
export { type OpenStoreOptions, openExistingStore, openStore } from "./open-store.ts";
export { type MailonceEntities, mailonceEntities } from "./schema/entities.ts";
export type {
  LedgerEntryRecord,
  MaildropRecord,
  MessageChunkRecord,
  MessageRecord,
  OutboxRecord,
} from "./schema/records.ts";
export type { OAuth2TokenRecord } from "./schema/token-schema.ts";
export { SqliteDatabase } from "./sqlite/better-sqlite3-adapter.ts";
export { DEFAULT_TABLE_PREFIX } from "./table-names.ts";
export { type StoredToken, TokenStore } from "./token-store.ts";
export { TypeormStore } from "./typeorm-store.ts";
