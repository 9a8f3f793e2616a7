import { createHash } from "node:crypto";
import { StoreUnavailableError } from "@mailonce/core";
import mysql2, { type Connection, type RowDataPacket } from "mysql2";
import { DataSource } from "typeorm";
import { mailonceMigrations } from "../migrations/migrations.ts";
import { outdatedError, schemaState } from "../migrations/pending.ts";
import { mailonceEntities } from "../schema/entities.ts";
import { serverPlace } from "../server-place.ts";
import { storeError } from "../store-error.ts";
import type { TableNames } from "../table-names.ts";

/** Where a database server is and who logs in. */
export interface ServerAddress {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string | null;
  readonly database: string;
}

/** Connections that one store holds at most. Beyond that, callers wait for each other. */
const POOL_SIZE = 10;

const CONNECT_TIMEOUT_MS = 10_000;

/** Prepared statements kept on a connection; the store has fewer shapes than this. */
const MAX_PREPARED = 200;

/** An initialized DataSource, its tables up to date. */
export async function openServer(
  address: ServerAddress,
  names: TableNames,
  patienceMs: number,
): Promise<DataSource> {
  return withScout(address, async (scout) => {
    const product = await productOf(scout);
    const dataSource = await initialize(address, product, names);
    try {
      await migrate(scout, dataSource, names, patienceMs);
    } catch (error) {
      await dataSource.destroy();
      throw error;
    }
    return dataSource;
  });
}

/** The same where the tables exist already; null, and nothing created or changed, if they do not. */
export async function openExistingServer(
  address: ServerAddress,
  names: TableNames,
): Promise<DataSource | null> {
  return withScout(address, async (scout) => {
    const state = await schemaState(names, (sql) => query(scout, sql));
    if (state === "missing") return null;
    if (state === "outdated") throw outdatedError(serverPlace({ ...address, product: null, version: "" }));
    return initialize(address, await productOf(scout), names);
  });
}

function initialize(
  address: ServerAddress,
  product: "mysql" | "mariadb",
  names: TableNames,
): Promise<DataSource> {
  return new DataSource({
    type: product,
    driver: mysql2,
    host: address.host,
    port: address.port,
    username: address.user,
    ...(address.password === null ? {} : { password: address.password }),
    database: address.database,
    charset: "utf8mb4",
    timezone: "Z",
    bigNumberStrings: false,
    poolSize: POOL_SIZE,
    connectTimeout: CONNECT_TIMEOUT_MS,
    extra: { maxPreparedStatements: MAX_PREPARED },
    entities: Object.values(mailonceEntities(product, names.prefix)),
    migrations: [...mailonceMigrations(product, names.prefix)],
    migrationsTableName: names.migrations,
    logging: false,
  }).initialize();
}

/** The URL's scheme may name either; to TypeORM the wrong one is a schema that drifts for ever. */
async function productOf(scout: Connection): Promise<"mysql" | "mariadb"> {
  const [row] = await query(scout, "SELECT VERSION() AS version");
  return /mariadb/i.test(String(row?.["version"])) ? "mariadb" : "mysql";
}

/** Under a lock of the server: of two processes that migrate at once, TypeORM lets one fail. */
async function migrate(
  scout: Connection,
  dataSource: DataSource,
  names: TableNames,
  patienceMs: number,
): Promise<void> {
  const state = () => schemaState(names, (sql) => query(scout, sql));
  if ((await state()) === "current") return;
  // The lock belongs to the scout's connection: on a pooled one it would outlive the query runner.
  const lock = lockName(String(dataSource.options.database), names.prefix);
  const [taken] = await query(scout, "SELECT GET_LOCK(?, ?) AS taken", [lock, Math.ceil(patienceMs / 1000)]);
  if (Number(taken?.["taken"]) !== 1) {
    throw new StoreUnavailableError(
      "Another process is still bringing the database up to date: try again later.",
    );
  }
  try {
    if ((await state()) !== "current") await dataSource.runMigrations({ transaction: "none" });
  } finally {
    // If the connection is gone, so is the lock.
    await query(scout, "SELECT RELEASE_LOCK(?)", [lock]).catch(() => {});
  }
}

/** Locks are the whole server's, their names at most 64 characters. */
function lockName(database: string, prefix: string): string {
  return `mailonce_${createHash("sha256").update(`${database}\0${prefix}`).digest("hex").slice(0, 32)}`;
}

/** Gives `work` a connection outside of the pool: it asks what the server is, and holds the migrations' lock. */
async function withScout<T>(address: ServerAddress, work: (scout: Connection) => Promise<T>): Promise<T> {
  const { host, port, user, password, database } = address;
  const place = serverPlace({ product: null, version: "", host, port, database });
  const scout = mysql2.createConnection({
    host,
    port,
    user,
    database,
    ...(password === null ? {} : { password }),
    connectTimeout: CONNECT_TIMEOUT_MS,
  });
  // Without a listener an error between two statements would end the process; the next statement reports it.
  scout.on("error", () => {});
  try {
    return await work(scout);
  } catch (error) {
    throw storeError(error, place);
  } finally {
    scout.destroy();
  }
}

function query(scout: Connection, sql: string, values: readonly unknown[] = []): Promise<RowDataPacket[]> {
  return new Promise((resolve, reject) => {
    scout.query<RowDataPacket[]>(sql, [...values], (error, rows) => (error ? reject(error) : resolve(rows)));
  });
}
