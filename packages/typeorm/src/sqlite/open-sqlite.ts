import { constants } from "node:fs";
import { access, mkdir, open, stat } from "node:fs/promises";
import path from "node:path";
import { StoreUnavailableError } from "@mailonce/core";
import { DataSource } from "typeorm";
import { mailonceMigrations } from "../migrations/migrations.ts";
import { schemaState } from "../migrations/pending.ts";
import { mailonceEntities } from "../schema/entities.ts";
import { SILENT_LOGGER } from "../silent-logger.ts";
import { storeError } from "../store-error.ts";
import type { TableNames } from "../table-names.ts";
import {
  type BetterSqlite3Database,
  ImmutableSqliteDatabase,
  SqliteDatabase,
} from "./better-sqlite3-adapter.ts";
import { SqliteGateway, whileBusy } from "./sqlite-gateway.ts";

/** An initialized DataSource on the file, its tables up to date. Creates the file (0600) and its folders (0700). */
export async function openSqlite(file: string, names: TableNames, patienceMs: number): Promise<DataSource> {
  return opening(file, async () => {
    await createFile(file);
    const dataSource = await initialize(file, names, patienceMs);
    try {
      await migrate(dataSource, names, patienceMs);
    } catch (error) {
      await dataSource.destroy();
      throw error;
    }
    return dataSource;
  });
}

/** The same for a file that holds a store already; null, and nothing created or changed, if it does not. */
export async function openExistingSqlite(
  file: string,
  names: TableNames,
  patienceMs: number,
): Promise<DataSource | null> {
  return opening(file, async () => {
    if (!(await exists(file))) return null;
    const immutable = await isImmutable(file);
    // Looked at before TypeORM opens it: that would make any file a WAL database.
    const database = new (immutable ? ImmutableSqliteDatabase : SqliteDatabase)(file);
    try {
      const state = await schemaState(names, (sql) =>
        whileBusy(() => database.prepare(sql).all(), patienceMs),
      );
      if (state === "missing") return null;
    } finally {
      database.close();
    }
    return initialize(file, names, patienceMs, immutable);
  });
}

async function initialize(
  file: string,
  names: TableNames,
  patienceMs: number,
  immutable = false,
): Promise<DataSource> {
  const dataSource = new DataSource({
    type: "better-sqlite3",
    driver: immutable ? ImmutableSqliteDatabase : SqliteDatabase,
    database: file,
    readonly: immutable,
    // No waiting inside SQLite: it would stop the whole process. The gateway waits.
    timeout: 0,
    prepareDatabase: (database: BetterSqlite3Database) =>
      immutable ? undefined : prepare(database, patienceMs),
    entities: Object.values(mailonceEntities("sqlite", names.prefix)),
    migrations: [...mailonceMigrations("sqlite", names.prefix)],
    migrationsTableName: names.migrations,
    logging: false,
    logger: SILENT_LOGGER,
  });
  return dataSource.initialize();
}

/** WAL lets others read while one writes; FULL makes a commit survive a power cut, as the fetched mail may be gone. */
async function prepare(database: BetterSqlite3Database, patienceMs: number): Promise<void> {
  try {
    await whileBusy(() => database.pragma("journal_mode = WAL"), patienceMs);
    database.pragma("synchronous = FULL");
    // A commit is safe once it is in the log; to move it from there into the tables, page by page and synchronized, can
    // wait until the log has 32 MB or the file is closed. The default is every 4 MB, twice a second in a fetch.
    database.pragma("wal_autocheckpoint = 8000");
  } catch (error) {
    database.close();
    throw error;
  }
}

async function migrate(dataSource: DataSource, names: TableNames, patienceMs: number): Promise<void> {
  const gateway = new SqliteGateway(dataSource, patienceMs);
  const state = () =>
    schemaState(names, async (sql) => whileBusy(() => gateway.prepare(sql).all(), patienceMs));
  if ((await state()) === "current") return;
  await gateway.transaction(async () => {
    // Another process may have migrated while this one waited for the lock.
    if ((await state()) === "current") return;
    await dataSource.runMigrations({ transaction: "none" });
  });
}

async function createFile(file: string): Promise<void> {
  await makeFolder(path.dirname(path.resolve(file)));
  // SQLite gives its -wal and -shm files the mode of the database.
  await exists(file);
  const handle = await open(file, "a", 0o600);
  await handle.close();
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

async function opening<T>(file: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw storeError(error, placeOf(file));
  }
}

function placeOf(file: string): string {
  return `SQLite file ${file}`;
}
