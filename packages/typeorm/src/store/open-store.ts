import type { DataSource } from "typeorm";
import { expectFunction, expectObject, expectText } from "../arguments/expect-arguments.ts";
import { dialectOf } from "../database/dialect.ts";
import type { Gateway } from "../database/gateway.ts";
import { NewerSchemaGateway } from "../database/newer-schema-gateway.ts";
import { OldSchemaGateway } from "../database/old-schema-gateway.ts";
import { newerError, type SchemaReport, schemaReport } from "../migrations/schema-report.ts";
import type { ServerInspection } from "../mysql/inspect-server.ts";
import type { Patience } from "../mysql/mysql-gateway.ts";
import { type TableNames, tableNames } from "../schema/table-names.ts";
import type { ServerAddress } from "../server/server-address.ts";
import type { BetterSqlite3Driver } from "../sqlite/better-sqlite3-adapter.ts";
import { type SqliteLibrary, sqliteDriver } from "../sqlite/driver.ts";
import { openExistingSqlite, openSqlite } from "../sqlite/open-sqlite.ts";
import { gatewayOf, patienceOf } from "./create-store.ts";
import { type DatabaseAddress, parseDatabaseUrl } from "./database-url.ts";
import { TypeormStore } from "./typeorm-store.ts";

/** Options of {@link openStore} and {@link openExistingStore}. */
export interface OpenStoreOptions {
  /** `sqlite:relative`, `sqlite:/absolute`, `sqlite:///absolute`, `mysql://user:password@host:port/db` or `mariadb://…`; see {@link parseDatabaseUrl}. */
  readonly url: string;
  /** Used where the URL has none. */
  readonly password?: string;
  /** `mailonce_` if absent. */
  readonly tablePrefix?: string;
  /**
   * How long to wait for a file that another process has locked, for a free connection of the pool, or for another
   * process's migration, before StoreUnavailableError is thrown; 30,000 if absent.
   */
  readonly patienceMs?: number;
  /**
   * How long a server may take to answer one statement before StoreUnavailableError is thrown and the connection given
   * up; 120,000 if absent. SQLite is not concerned.
   */
  readonly answerMs?: number;
  /**
   * The SQLite library to work with: the one that the program itself opens the same file with, for two of them in one
   * process destroy a file. If absent `node:sqlite` where Node has it, else `@photostructure/sqlite`. A server is not
   * concerned.
   */
  readonly driver?: SqliteLibrary;
  /** True: the folders of an SQLite file are made (0700) if they are missing. Else that is an error: it may be a misspelling. */
  readonly createFolder?: boolean;
  /** Called if the SQLite file had no store in it, and has one now, with its absolute path. */
  readonly onNewFile?: (file: string) => void;
}

/**
 * Opens the store at a URL in a DataSource of its own and brings its tables up to date; an SQLite file is created.
 * Any number of processes may do so at once. Dispose of the store when done.
 *
 * @throws DatabaseUrlError, StoreUnavailableError, MailonceError (`table-prefix`, `store-failed`; `store-newer` if a later
 * version has made or changed the tables; `database-tls` if the files of TLS cannot be used; `sqlite-driver`;
 * `sqlite-shared` if another SQLite library has the file open in this process)
 */
export async function openStore(options: OpenStoreOptions): Promise<TypeormStore> {
  const { address, names, patience, driver } = read(options);
  const { patienceMs } = patience;
  const { createFolder = false, onNewFile } = options;
  const dataSource =
    address.kind === "sqlite"
      ? await openSqlite(
          { file: address.file, driver, names, patienceMs },
          { createFolder, onNew: () => onNewFile?.(address.file) },
        )
      : await (await server()).openServer(withPassword(address, options.password), names, patienceMs);
  const opened = gatewayTo(dataSource, patience);
  return closingOnError(opened, async () => {
    const schema = await schemaOf(opened, names);
    if (schema.state === "newer") throw newerError(opened.place);
    return storeOn(dataSource, opened, names, schema);
  });
}

/**
 * Opens a store that is there already, for those who only look: null, and nothing is created or changed, if the file
 * or the tables are missing.
 *
 * Tables that an older version has made are read as they are: what they lack is null or empty. Of those of a later version
 * is read what this one knows, and writing is refused (`store-newer`). {@link TypeormStore.schema} says which it is.
 * Whoever may only read, or reads a server that is read-only, can look all the same: `transact` then takes no lock, and
 * fails at its first write.
 *
 * @throws DatabaseUrlError, StoreUnavailableError, MailonceError
 */
export async function openExistingStore(options: OpenStoreOptions): Promise<TypeormStore | null> {
  const { address, names, patience, driver } = read(options);
  const dataSource =
    address.kind === "sqlite"
      ? await openExistingSqlite({ file: address.file, driver, names, patienceMs: patience.patienceMs })
      : await (await server()).openExistingServer(withPassword(address, options.password), names);
  if (dataSource === null) return null;
  const opened = gatewayTo(dataSource, patience);
  return closingOnError(opened, async () => {
    const schema = await schemaOf(opened, names);
    return storeOn(dataSource, await readable(opened, dataSource, schema), names, schema);
  });
}

async function readable(gateway: Gateway, dataSource: DataSource, { state }: SchemaReport): Promise<Gateway> {
  switch (state) {
    case "missing":
    case "outdated":
      return OldSchemaGateway.of(gateway, dataSource);
    case "newer":
      return new NewerSchemaGateway(gateway);
    case "current":
      return gateway;
  }
}

/** What a database is, and how far its tables are. */
export interface StoreInspection {
  /** For people: which database, and where; without password. */
  readonly place: string;
  readonly schema: SchemaReport;
  /** Null: it is an SQLite file. */
  readonly server: ServerInspection | null;
}

/**
 * Looks at a database without opening a store in it, and changes nothing: there need be no file and no tables.
 *
 * @throws DatabaseUrlError, StoreUnavailableError, MailonceError
 */
export async function inspectStore(options: OpenStoreOptions): Promise<StoreInspection> {
  const { address, names, patience, driver } = read(options);
  if (address.kind === "server")
    return (await server()).inspectServer(withPassword(address, options.password), names);
  const place = `SQLite file ${address.file}`;
  const dataSource = await openExistingSqlite({
    file: address.file,
    driver,
    names,
    patienceMs: patience.patienceMs,
  });
  if (dataSource === null) return { place, schema: await schemaReport(names, async () => []), server: null };
  const opened = gatewayTo(dataSource, patience);
  try {
    return { place, schema: await schemaOf(opened, names), server: null };
  } finally {
    await opened.close();
  }
}

/** With mysql2, which a file has no use for. */
function server(): Promise<typeof import("../mysql/server.ts")> {
  return import("../mysql/server.ts");
}

function read(options: OpenStoreOptions): {
  readonly address: DatabaseAddress;
  readonly names: TableNames;
  readonly patience: Patience;
  readonly driver: BetterSqlite3Driver | null;
} {
  expectObject("options", options);
  if (options.password !== undefined) expectText("password", options.password);
  if (options.onNewFile !== undefined) expectFunction("onNewFile", options.onNewFile);
  return {
    address: parseDatabaseUrl(options.url),
    names: tableNames(options.tablePrefix),
    patience: patienceOf(options),
    driver: options.driver === undefined ? null : sqliteDriver(options.driver),
  };
}

function withPassword(address: ServerAddress, password: string | undefined): ServerAddress {
  return { ...address, password: address.password ?? password ?? null };
}

function gatewayTo(dataSource: DataSource, patience: Patience): Gateway {
  return gatewayOf(dataSource, dialectOf(dataSource.options.type), patience, true);
}

function schemaOf(gateway: Gateway, names: TableNames): Promise<SchemaReport> {
  return schemaReport(names, (sql) => gateway.read((statements) => statements.rows(sql, [])));
}

async function closingOnError<T>(gateway: Gateway, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    await gateway.close();
    throw error;
  }
}

function storeOn(
  dataSource: DataSource,
  gateway: Gateway,
  names: TableNames,
  schema: SchemaReport,
): TypeormStore {
  return new TypeormStore({ dataSource, gateway, names, schema, dispose: () => gateway.close() });
}
