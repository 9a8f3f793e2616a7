import { constants } from "node:fs";
import { access, mkdir, open, realpath, stat } from "node:fs/promises";
import path from "node:path";
import { StoreUnavailableError } from "@mailonce/core";
import { DataSource } from "typeorm";
import type { StoreInspection } from "../database/inspection.ts";
import { type Opened, type Opening, SILENT_LOGGER, schemaOf } from "../database/opening.ts";
import { migrationsOf } from "../migrations/migrations.ts";
import { type Select, schemaReport, schemaState } from "../migrations/schema-report.ts";
import { entitiesOf } from "../schema/entities.ts";
import {
  type BetterSqlite3Database,
  type BetterSqlite3Driver,
  type BetterSqlite3Statement,
  ImmutableSqliteDatabase,
  SqliteDatabase,
} from "./better-sqlite3-adapter.ts";
import { SQLITE_COLUMNS } from "./columns.ts";
import { sqliteDriver } from "./driver.ts";
import { isMissingTable, sqliteError } from "./errors.ts";
import { SQLITE_MIGRATIONS } from "./migrations.ts";
import { isSharedInWal, leaveOpen, refuseShared, sharedError, sharing } from "./sharing.ts";
import { SqliteGateway } from "./sqlite-gateway.ts";
import { whileBusy } from "./waiting.ts";

/** What is to be opened, and by which library; null: the store's own. */
interface SqliteFile extends Pick<Opening, "names" | "patience"> {
  readonly file: string;
  readonly driver: BetterSqlite3Driver | null;
}

interface OpenedSqlite extends Opened {
  readonly gateway: SqliteGateway;
}

/** Opens the file in a DataSource of the store's own and brings its tables up to date. Creates the file (0600). */
export async function openSqlite(file: string, opening: Opening): Promise<Opened> {
  const address = addressOf(file, opening);
  return withStoreErrors(file, async () => {
    if (await exists(file)) await access(file, constants.W_OK);
    else await createFile(file, opening.createFolder);
    expectAlone(address);
    const opened = await initialize(address);
    try {
      if (await migrate(opened, address)) opening.onNewFile?.(file);
    } catch (error) {
      await opened.gateway.close();
      throw error;
    }
    // Another gateway, which looks before its first write who else has opened the file meanwhile.
    return { ...opened, gateway: new SqliteGateway(opened.dataSource, address.patience.patienceMs, true) };
  });
}

/** The same for a file that holds a store already; null, and nothing created or changed, if it does not. */
export async function openExistingSqlite(file: string, opening: Opening): Promise<Opened | null> {
  const address = addressOf(file, opening);
  return withStoreErrors(file, async () => {
    if (!(await exists(file))) return null;
    const immutable = await isImmutable(file);
    if (!immutable) expectAlone(address);
    // The file is read before TypeORM opens it, which would make a WAL database of any file.
    const database = new (driverOf(address, immutable))(file);
    try {
      const state = await schemaState(address.names, selectOn(database, address));
      if (!immutable && isSharedInWal(await realpath(file))) throw sharedError(placeOf(file));
      if (state === "missing") return null;
    } finally {
      if (immutable || !isSharedInWal(await realpath(file))) database.close();
      else leaveOpen(database);
    }
    return initialize(address, immutable);
  });
}

/** Looks at the file and changes nothing; it need not be there. */
export async function inspectSqlite(file: string, opening: Opening): Promise<StoreInspection> {
  const { names } = opening;
  const place = placeOf(file);
  const opened = await openExistingSqlite(file, opening);
  if (opened === null) return { place, schema: await schemaReport(names, async () => null), server: null };
  try {
    return { place, schema: await schemaOf(opened.gateway, names), server: null };
  } finally {
    await opened.gateway.close();
  }
}

function addressOf(file: string, { names, patience, driver }: Opening): SqliteFile {
  return { file, names, patience, driver: driver === undefined ? null : sqliteDriver(driver) };
}

/** @throws MailonceError (`sqlite-shared`) if another SQLite library has the file open in this process */
function expectAlone({ file, driver }: SqliteFile): void {
  refuseShared(placeOf(file), sharing(file, driver ?? SqliteDatabase), driver !== null);
}

/** A file that nobody can change needs no library that others have: there is nothing to lock. */
function driverOf({ driver }: SqliteFile, immutable: boolean): BetterSqlite3Driver {
  return immutable ? ImmutableSqliteDatabase : (driver ?? SqliteDatabase);
}

async function initialize(address: SqliteFile, immutable = false): Promise<OpenedSqlite> {
  const { file, names, patience } = address;
  const { patienceMs } = patience;
  const dataSource = await new DataSource({
    type: "better-sqlite3",
    driver: driverOf(address, immutable),
    database: file,
    readonly: immutable,
    // No waiting inside SQLite: it would stop the whole process. The gateway waits.
    timeout: 0,
    prepareDatabase: (database: BetterSqlite3Database) =>
      immutable ? undefined : prepare(database, patienceMs),
    entities: Object.values(entitiesOf(SQLITE_COLUMNS, names)),
    migrations: migrationsOf(SQLITE_MIGRATIONS, names),
    migrationsTableName: names.migrations,
    logging: false,
    logger: SILENT_LOGGER,
  }).initialize();
  return { dataSource, gateway: new SqliteGateway(dataSource, patienceMs, true) };
}

/** The select by which the report on the schema reads the migrations. */
function selectOn(
  connection: { prepare(sql: string): BetterSqlite3Statement },
  { patience }: SqliteFile,
): Select {
  return async (sql) => {
    try {
      return await whileBusy(() => connection.prepare(sql).all(), patience.patienceMs);
    } catch (error) {
      if (isMissingTable(error)) return null;
      throw error;
    }
  };
}

/**
 * Of a new file; one that is there keeps its own. Larger pages hold more of a large message, so less has to be done for it;
 * but a key falls on any page of its index, and the whole page is written. With 16 KiB a new message among a million
 * took a sixth more CPU than with 4 KiB, with 8 KiB a twentieth.
 */
const PAGE_OCTETS = 8192;

/** A log of this length is moved into the tables. */
const LOG_OCTETS = 32 * 1024 * 1024;

/** WAL lets others read while one writes; FULL makes a commit survive a power cut, as the fetched mail may be gone. */
async function prepare(database: BetterSqlite3Database, patienceMs: number): Promise<void> {
  try {
    database.pragma(`page_size = ${PAGE_OCTETS}`);
    await whileBusy(() => database.pragma("journal_mode = WAL"), patienceMs);
    database.pragma("synchronous = FULL");
    // A commit is safe once it is in the log; to move it from there into the tables, page by page and synchronized, can
    // wait until the log is long or the file is closed. The default is every 4 MB, twice a second in a fetch.
    const [row] = database.pragma("page_size") as { readonly page_size: number }[];
    const pages = Math.floor(LOG_OCTETS / (row?.page_size ?? PAGE_OCTETS));
    database.pragma(`wal_autocheckpoint = ${pages}`);
  } catch (error) {
    database.close();
    throw error;
  }
}

/** @returns true if there was no store before */
async function migrate({ dataSource, gateway }: OpenedSqlite, address: SqliteFile): Promise<boolean> {
  const state = () => schemaState(address.names, selectOn(gateway, address));
  const found = await state();
  // SQLite opens its files at the first read, so only now it can be told for sure who has them open.
  gateway.expectAlone();
  if (found === "current") return false;
  return gateway.transaction(async () => {
    // Another process may have migrated while this one waited for the lock.
    const before = await state();
    if (before !== "current") await dataSource.runMigrations({ transaction: "none" });
    return before === "missing";
  });
}

/**
 * Only a file that is not there yet is opened here: to close one that this process has open already, by whatever, would
 * drop all its locks on it.
 */
async function createFile(file: string, createFolder: boolean): Promise<void> {
  const folder = path.dirname(path.resolve(file));
  if (createFolder) await makeFolder(folder);
  else await expectFolder(file, folder);
  try {
    // SQLite gives its -wal and -shm files the mode of the database.
    const handle = await open(file, "wx", 0o600);
    await handle.close();
  } catch (error) {
    // Another process was quicker.
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
}

/** A folder that is not there may be a misspelt one: none is made. */
async function expectFolder(file: string, folder: string): Promise<void> {
  const isFolder = await stat(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return null;
    throw error;
  });
  if (isFolder !== null) return;
  throw new StoreUnavailableError(
    `${placeOf(file)} cannot be created: there is no folder ${folder}. Create it, or check the path.`,
  );
}

/** Not by mkdir's own recursion: where the parent takes no folders and says ENOENT (/proc), that never ends. */
async function makeFolder(folder: string, parentMade = false): Promise<void> {
  try {
    await mkdir(folder, { mode: 0o700 });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EEXIST") return;
    const parent = path.dirname(folder);
    if (code !== "ENOENT" || parentMade || parent === folder) throw error;
    await makeFolder(parent);
    await makeFolder(folder, true);
  }
}

/**
 * True on a file system that is mounted read-only, if all of the database is in its file. Where only the rights are
 * missing, somebody else may write at this moment.
 */
async function isImmutable(file: string): Promise<boolean> {
  try {
    await access(path.dirname(file), constants.W_OK);
    return false;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EROFS") return false;
  }
  const { size } = await stat(`${file}-wal`).catch(() => ({ size: 0 }));
  return size === 0;
}

/** @throws StoreUnavailableError if it is something else than a file: a pipe would be waited for without end */
async function exists(file: string): Promise<boolean> {
  try {
    if ((await stat(file)).isFile()) return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return false;
    throw error;
  }
  throw new StoreUnavailableError(`${placeOf(file)} is no file: an SQLite database is a file of its own.`);
}

async function withStoreErrors<T>(file: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw sqliteError(error, placeOf(file));
  }
}

function placeOf(file: string): string {
  return `SQLite file ${file}`;
}
