import { DEFAULT_PATIENCE_MS, gatewayOf } from "./create-store.ts";
import { type DatabaseAddress, parseDatabaseUrl } from "./database-url.ts";
import { dialectOf } from "./dialect.ts";
import { openExistingServer, openServer, type ServerAddress } from "./mysql/open-server.ts";
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
}

/**
 * Opens the store at a URL in a DataSource of its own and brings its tables up to date; an SQLite file is created.
 * Any number of processes may do so at once. Dispose of the store when done.
 *
 * @throws DatabaseUrlError, StoreUnavailableError, MailonceError (`table-prefix`, `store-failed`)
 */
export async function openStore(options: OpenStoreOptions): Promise<TypeormStore> {
  const { address, names, patienceMs } = read(options);
  const dataSource =
    address.kind === "sqlite"
      ? await openSqlite(address.file, names, patienceMs)
      : await openServer(withPassword(address, options.password), names, patienceMs);
  return storeOn(dataSource, names, patienceMs);
}

/**
 * Opens a store that is there already, for those who only look: null, and nothing is created or changed, if the file
 * or the tables are missing.
 *
 * @throws DatabaseUrlError, StoreUnavailableError, MailonceError (`store-outdated` if migrations are due)
 */
export async function openExistingStore(options: OpenStoreOptions): Promise<TypeormStore | null> {
  const { address, names, patienceMs } = read(options);
  const dataSource =
    address.kind === "sqlite"
      ? await openExistingSqlite(address.file, names, patienceMs)
      : await openExistingServer(withPassword(address, options.password), names);
  return dataSource && storeOn(dataSource, names, patienceMs);
}

function read(options: OpenStoreOptions): {
  readonly address: DatabaseAddress;
  readonly names: TableNames;
  readonly patienceMs: number;
} {
  return {
    address: parseDatabaseUrl(options.url),
    names: tableNames(options.tablePrefix),
    patienceMs: options.patienceMs ?? DEFAULT_PATIENCE_MS,
  };
}

function withPassword(address: ServerAddress, password: string | undefined): ServerAddress {
  return { ...address, password: address.password ?? password ?? null };
}

function storeOn(
  dataSource: Awaited<ReturnType<typeof openServer>>,
  names: TableNames,
  patienceMs: number,
): TypeormStore {
  const gateway = gatewayOf(dataSource, dialectOf(dataSource.options.type), patienceMs);
  return new TypeormStore({
    dataSource,
    gateway,
    names,
    dispose: () => gateway.close(),
  });
}
