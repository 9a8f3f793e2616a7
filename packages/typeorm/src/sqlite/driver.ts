import { MailonceError } from "@mailonce/core";
import type { SqliteLibrary } from "../database/opening.ts";
import { adapt, type BetterSqlite3Driver, SqliteDatabase } from "./better-sqlite3-adapter.ts";
import { isNodeSqlite, type SqliteModule } from "./sqlite-module.ts";

const known = new WeakMap<object, BetterSqlite3Driver>();

/**
 * The `driver` for a DataSource of type `better-sqlite3` that works with this library.
 *
 * @throws MailonceError (`sqlite-driver`) if it is no such library
 */
export function sqliteDriver(library: SqliteLibrary): BetterSqlite3Driver {
  const given: unknown = library;
  if (isClass(given, "prepare", "pragma")) return given as BetterSqlite3Driver;
  if (isClass(given, "prepare", "exec")) return adapted(given);
  const { DatabaseSync, default: exported } = (given ?? {}) as Partial<Record<string, unknown>>;
  if (isClass(DatabaseSync, "prepare", "exec")) return adapted(DatabaseSync);
  if (exported !== undefined && exported !== given) return sqliteDriver(exported as SqliteLibrary);
  throw new MailonceError(
    "sqlite-driver",
    "The driver must be an SQLite library whose calls do not wait: what better-sqlite3 exports, or the module node:sqlite or @photostructure/sqlite.",
  );
}

function adapted(DatabaseSync: object): BetterSqlite3Driver {
  const module = { DatabaseSync } as SqliteModule;
  const driver = known.get(DatabaseSync) ?? (isNodeSqlite(module) ? SqliteDatabase : adapt(module));
  known.set(DatabaseSync, driver);
  return driver;
}

function isClass(value: unknown, ...methods: readonly string[]): value is object {
  if (typeof value !== "function") return false;
  const prototype: unknown = value.prototype;
  return methods.every(
    (method) => typeof (prototype as Record<string, unknown> | undefined)?.[method] === "function",
  );
}
