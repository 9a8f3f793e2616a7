import { MailonceError } from "@mailonce/core";
import type { DataSource } from "typeorm";
import { ArgumentError } from "../arguments/argument-error.ts";
import { expectObject } from "../arguments/expect-arguments.ts";
import { patienceOf } from "../database/opening.ts";
import { connectorFor, type DialectName, dialectNamed } from "../dialects.ts";
import { type MigrationClass, migrationsOf } from "../migrations/migrations.ts";
import { entitiesOf, type MailonceEntities } from "../schema/entities.ts";
import { tableNames } from "../schema/table-names.ts";
import { TypeormStore } from "./typeorm-store.ts";

/**
 * The entities of a dialect and prefix, for the `entities` of a program's own DataSource
 * (`Object.values(mailonceEntities("mariadb"))`). Entities are named like their tables.
 *
 * Dates read through them are right only in a DataSource with `timezone: "Z"`; the store itself does not depend on it.
 */
export function mailonceEntities(dialect: DialectName, tablePrefix?: string): MailonceEntities {
  return entitiesOf(dialectNamed(dialect).columns, tableNames(tablePrefix));
}

/**
 * The migrations of a dialect and prefix, oldest first, for the `migrations` of a program's own DataSource. They may be
 * run again after they broke off half way. Two processes must not run them at once; {@link openStore} sees to that.
 */
export function mailonceMigrations(dialect: DialectName, tablePrefix?: string): readonly MigrationClass[] {
  return migrationsOf(dialectNamed(dialect).migrations, tableNames(tablePrefix));
}

/** Options of {@link createStore}. */
export interface CreateStoreOptions {
  /** As given to {@link mailonceEntities} and {@link mailonceMigrations}; `mailonce_` if absent. */
  readonly tablePrefix?: string;
  /**
   * How long to wait for a file that another process has locked, or for a free connection of the pool, before
   * StoreUnavailableError is thrown; 30,000 if absent.
   */
  readonly patienceMs?: number;
  /**
   * How long a server may take to answer one statement before StoreUnavailableError is thrown and the connection given
   * up; 120,000 if absent. SQLite is not concerned.
   */
  readonly answerMs?: number;
}

/**
 * A store in a user's own DataSource (type `mysql`, `mariadb` or `better-sqlite3`), which is initialized and has run
 * {@link mailonceMigrations}. Disposing of the store leaves the DataSource open.
 *
 * On SQLite all statements of a DataSource share one connection: a transaction of the store begins when no other one is
 * open, and ends before other code has its turn. Its commits are on the disk, whatever the connection's `synchronous`.
 *
 * @throws MailonceError (`store-closed`) if the DataSource is not initialized, (`store-unsupported`) for other types,
 * (`sqlite-shared`) if another SQLite library has the file open in this process
 */
export function createStore(dataSource: DataSource, options: CreateStoreOptions = {}): TypeormStore {
  if (!(dataSource instanceof Object && dataSource.options instanceof Object))
    throw new ArgumentError("dataSource", "a DataSource of TypeORM's", dataSource);
  expectObject("options", options);
  const connector = connectorFor(dataSource.options.type);
  if (!dataSource.isInitialized) {
    throw new MailonceError("store-closed", "Initialize the DataSource before the store is created in it.");
  }
  return new TypeormStore({
    dataSource,
    gateway: connector.gateway(dataSource, patienceOf(options)),
    names: tableNames(options.tablePrefix),
    dispose: async () => {},
  });
}
