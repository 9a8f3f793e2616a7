import { expectFunction, expectObject, expectText } from "../arguments/expect-arguments.ts";
import type { DatabaseLocation } from "../database/connector.ts";
import type { Gateway } from "../database/gateway.ts";
import type { StoreInspection } from "../database/inspection.ts";
import { newerSchemaGateway } from "../database/newer-schema-gateway.ts";
import { oldSchemaGateway } from "../database/old-schema-gateway.ts";
import { type Opened, type Opening, patienceOf, type SqliteLibrary, schemaOf } from "../database/opening.ts";
import { locateDatabase } from "../dialects.ts";
import { newerError, type SchemaReport } from "../migrations/schema-report.ts";
import { type TableNames, tableNames } from "../schema/table-names.ts";
import type { CreateStoreOptions } from "./create-store.ts";
import { TypeormStore } from "./typeorm-store.ts";

/** Options of {@link openStore} and {@link openExistingStore}. */
export interface OpenStoreOptions extends CreateStoreOptions {
  /** `sqlite:relative`, `sqlite:/absolute`, `sqlite:///absolute`, `mysql://user:password@host:port/db` or `mariadb://…`; see {@link parseDatabaseUrl}. */
  readonly url: string;
  /** Used where the URL has none. */
  readonly password?: string;
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
  const { location, opening } = read(options);
  return storeIn(await location.open(opening), opening, async ({ gateway }, { state }) => {
    if (state === "newer") throw newerError(gateway.place);
    return gateway;
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
  const { location, opening } = read(options);
  const opened = await location.openExisting(opening);
  return opened && storeIn(opened, opening, readable);
}

async function readable(
  { gateway, dataSource }: Opened,
  { state }: SchemaReport,
  names: TableNames,
): Promise<Gateway> {
  switch (state) {
    case "missing":
    case "outdated":
      return oldSchemaGateway(gateway, dataSource, names);
    case "newer":
      return newerSchemaGateway(gateway);
    case "current":
      return gateway;
  }
}

/**
 * Looks at a database without opening a store in it, and changes nothing: there need be no file and no tables.
 *
 * @throws DatabaseUrlError, StoreUnavailableError, MailonceError
 */
export async function inspectStore(options: OpenStoreOptions): Promise<StoreInspection> {
  const { location, opening } = read(options);
  return location.inspect(opening);
}

function read(options: OpenStoreOptions): { readonly location: DatabaseLocation; readonly opening: Opening } {
  expectObject("options", options);
  const { url, tablePrefix, password, driver, createFolder = false, onNewFile } = options;
  if (password !== undefined) expectText("password", password);
  if (onNewFile !== undefined) expectFunction("onNewFile", onNewFile);
  const location = locateDatabase(url);
  const names = tableNames(tablePrefix);
  return {
    location,
    opening: { names, patience: patienceOf(options), password, driver, createFolder, onNewFile },
  };
}

/** The store in a DataSource of its own. @param through the gateway that it uses, by how far the tables are */
async function storeIn(
  opened: Opened,
  { names }: Opening,
  through: (opened: Opened, schema: SchemaReport, names: TableNames) => Promise<Gateway>,
): Promise<TypeormStore> {
  const { dataSource } = opened;
  try {
    const schema = await schemaOf(opened.gateway, names);
    const gateway = await through(opened, schema, names);
    return new TypeormStore({ dataSource, gateway, names, schema, dispose: () => gateway.close() });
  } catch (error) {
    await opened.gateway.close();
    throw error;
  }
}
