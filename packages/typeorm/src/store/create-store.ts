import { MailonceError } from "@mailonce/core";
import type { DataSource } from "typeorm";
import { ArgumentError } from "../arguments/argument-error.ts";
import { expectMilliseconds, expectObject } from "../arguments/expect-arguments.ts";
import { type Dialect, dialectOf } from "../database/dialect.ts";
import type { Gateway } from "../database/gateway.ts";
import { MysqlGateway, type Patience } from "../mysql/mysql-gateway.ts";
import { tableNames } from "../schema/table-names.ts";
import { serverPlace } from "../server/server-place.ts";
import { SqliteGateway } from "../sqlite/sqlite-gateway.ts";
import { TypeormStore } from "./typeorm-store.ts";

/** How long a locked SQLite file, or a free connection of the pool, is waited for. */
const DEFAULT_PATIENCE_MS = 30_000;

/** How long the answer to one statement is waited for: longer than a server's own limit for locks (50 s). */
const DEFAULT_ANSWER_MS = 120_000;

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
  const dialect = dialectOf(dataSource.options.type);
  if (!dataSource.isInitialized) {
    throw new MailonceError("store-closed", "Initialize the DataSource before the store is created in it.");
  }
  return new TypeormStore({
    dataSource,
    gateway: gatewayOf(dataSource, dialect, patienceOf(options), false),
    names: tableNames(options.tablePrefix),
    dispose: async () => {},
  });
}

/** The options' waiting times, filled in. */
export function patienceOf(options: Pick<CreateStoreOptions, "patienceMs" | "answerMs">): Patience {
  const { patienceMs = DEFAULT_PATIENCE_MS, answerMs = DEFAULT_ANSWER_MS } = options;
  expectMilliseconds("patienceMs", patienceMs, 0);
  expectMilliseconds("answerMs", answerMs, 0);
  return { patienceMs, answerMs };
}

/** The way to the database of an initialized DataSource, which may be the store's own. */
export function gatewayOf(
  dataSource: DataSource,
  dialect: Dialect,
  patience: Patience,
  isOwn: boolean,
): Gateway {
  if (dialect === "sqlite") return new SqliteGateway(dataSource, patience.patienceMs, isOwn);
  const { database = "" } = dataSource.driver;
  const version = dataSource.driver.version ?? "";
  const place = serverPlace({ product: dialect, version, ...hostOf(dataSource), database });
  return new MysqlGateway(dataSource, place, patience, isOwn);
}

/** Host and port as a DataSource's options give them, one by one or in a URL. */
function hostOf(dataSource: DataSource): { readonly host: string; readonly port: number } {
  const options = dataSource.options as {
    readonly host?: string;
    readonly port?: number;
    readonly url?: string;
  };
  const url = options.url !== undefined && URL.canParse(options.url) ? new URL(options.url) : null;
  return {
    host: options.host ?? (url?.hostname || "localhost"),
    port: options.port ?? Number(url?.port || 3306),
  };
}
