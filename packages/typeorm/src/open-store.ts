import { gatewayOf, patienceOf } from "./create-store.ts";
import { type DatabaseAddress, parseDatabaseUrl } from "./database-url.ts";
import { dialectOf } from "./dialect.ts";
import { expectFunction, expectObject, expectText } from "./expect-arguments.ts";
import type { Patience } from "./mysql/mysql-gateway.ts";
import type { ServerAddress } from "./mysql/open-server.ts";
import type { BetterSqlite3Driver } from "./sqlite/better-sqlite3-adapter.ts";
import { type SqliteLibrary, sqliteDriver } from "./sqlite/driver.ts";
import { openExistingSqlite, openSqlite } from "./sqlite/open-sqlite.ts";
import { type TableNames, tableNames } from "./table-names.ts";
import { TypeormStore } from "./typeorm-store.ts";

/** Options of {@link openStore} and {@link openExistingStore}. */
export interface OpenStoreOptions {
  /** `sqlite:relative`, `sqlite:/absolute`, `sqlite:///absolute`, `mysql://user:password@host:port/db` or `mariadb://…`. */
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
 * @throws DatabaseUrlError, StoreUnavailableError, MailonceError (`table-prefix`, `store-failed`, `sqlite-driver`;
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
  return storeOn(dataSource, names, patience);
}

/**
 * Opens a store that is there already, for those who only look: null, and nothing is created or changed, if the file
 * or the tables are missing.
 *
 * @throws DatabaseUrlError, StoreUnavailableError, MailonceError (`store-outdated` if migrations are due)
 */
export async function openExistingStore(options: OpenStoreOptions): Promise<TypeormStore | null> {
  const { address, names, patience, driver } = read(options);
  const dataSource =
    address.kind === "sqlite"
      ? await openExistingSqlite({ file: address.file, driver, names, patienceMs: patience.patienceMs })
      : await (await server()).openExistingServer(withPassword(address, options.password), names);
  return dataSource && storeOn(dataSource, names, patience);
}

/** With mysql2, which a file has no use for. */
function server(): Promise<typeof import("./mysql/open-server.ts")> {
  return import("./mysql/open-server.ts");
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

function storeOn(
  dataSource: Awaited<ReturnType<typeof openSqlite>>,
  names: TableNames,
  patience: Patience,
): TypeormStore {
  const gateway = gatewayOf(dataSource, dialectOf(dataSource.options.type), patience, true);
  return new TypeormStore({
    dataSource,
    gateway,
    names,
    dispose: () => gateway.close(),
  });
}
