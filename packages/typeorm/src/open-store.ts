import { gatewayOf, patienceOf } from "./create-store.ts";
import { type DatabaseAddress, parseDatabaseUrl } from "./database-url.ts";
import { dialectOf } from "./dialect.ts";
import type { Patience } from "./mysql/mysql-gateway.ts";
import type { ServerAddress } from "./mysql/open-server.ts";
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
}

/**
 * Opens the store at a URL in a DataSource of its own and brings its tables up to date; an SQLite file is created.
 * Any number of processes may do so at once. Dispose of the store when done.
 *
 * @throws DatabaseUrlError, StoreUnavailableError, MailonceError (`table-prefix`, `store-failed`)
 */
export async function openStore(options: OpenStoreOptions): Promise<TypeormStore> {
  const { address, names, patience } = read(options);
  const { patienceMs } = patience;
  const dataSource =
    address.kind === "sqlite"
      ? await openSqlite(address.file, names, patienceMs)
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
  const { address, names, patience } = read(options);
  const dataSource =
    address.kind === "sqlite"
      ? await openExistingSqlite(address.file, names, patience.patienceMs)
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
} {
  return {
    address: parseDatabaseUrl(options.url),
    names: tableNames(options.tablePrefix),
    patience: patienceOf(options),
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
