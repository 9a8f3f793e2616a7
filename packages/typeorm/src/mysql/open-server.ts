import { createHash } from "node:crypto";
import { type MailonceError, StoreUnavailableError } from "@mailonce/core";
import mysql2, { type Connection } from "mysql2";
import { DataSource, MigrationExecutor } from "typeorm";
import type { Dialect } from "../database/dialect.ts";
import { SILENT_LOGGER } from "../database/silent-logger.ts";
import { storeError } from "../database/store-error.ts";
import { mailonceMigrations } from "../migrations/migrations.ts";
import { schemaState } from "../migrations/schema-report.ts";
import { mailonceEntities } from "../schema/entities.ts";
import type { TableNames } from "../schema/table-names.ts";
import type { ServerAddress } from "../server/server-address.ts";
import { ServerRefusalError } from "../server/server-refusal-error.ts";
import { type ConnectionOptions, connectionOptions } from "./connection-options.ts";
import { placeOf, query, withScout } from "./scout.ts";
import { SESSION_SETTINGS } from "./session-settings.ts";

/** Connections that one store holds at most. Beyond that, callers wait for each other. */
const POOL_SIZE = 10;

/** Prepared statements kept on a connection; the store has fewer shapes than this. */
const MAX_PREPARED = 200;

/** An initialized DataSource, its tables up to date. */
export async function openServer(
  address: ServerAddress,
  names: TableNames,
  patienceMs: number,
): Promise<DataSource> {
  const options = await connectionOptions(address);
  return withScout(address, options, async (scout) => {
    const product = await productOf(scout);
    const dataSource = await initialize(address, options, product, names);
    try {
      await migrate({ scout, dataSource, address, names, patienceMs });
    } catch (error) {
      await dataSource.destroy();
      throw error;
    }
    return dataSource;
  });
}

/** The same where tables exist already, as old as they may be; null, and nothing created or changed, if they do not. */
export async function openExistingServer(
  address: ServerAddress,
  names: TableNames,
): Promise<DataSource | null> {
  const options = await connectionOptions(address);
  return withScout(address, options, async (scout) => {
    if ((await schemaState(names, (sql) => query(scout, sql))) === "missing") return null;
    return initialize(address, options, await productOf(scout), names);
  });
}

type Product = Exclude<Dialect, "sqlite">;

function initialize(
  address: ServerAddress,
  { host, ssl, stream, connectTimeout }: ConnectionOptions,
  product: Product,
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
    connectTimeout,
    ...(ssl === undefined ? {} : { ssl }),
    extra: { maxPreparedStatements: MAX_PREPARED, ...(stream === undefined ? {} : { host, stream }) },
    entities: Object.values(mailonceEntities(product, names.prefix)),
    migrations: [...mailonceMigrations(product, names.prefix)],
    migrationsTableName: names.migrations,
    logging: false,
    logger: SILENT_LOGGER,
  }).initialize();
}

/** The URL's scheme may name either; to TypeORM the wrong one is a schema that drifts for ever. */
async function productOf(scout: Connection): Promise<Product> {
  const [row] = await query(scout, "SELECT VERSION() AS version");
  return /mariadb/i.test(String(row?.["version"])) ? "mariadb" : "mysql";
}

/** What a migration needs. */
interface Migration {
  readonly scout: Connection;
  readonly dataSource: DataSource;
  readonly address: ServerAddress;
  readonly names: TableNames;
  readonly patienceMs: number;
}

/** Under a lock of the server: of two processes that migrate at once, TypeORM lets one fail. */
async function migrate(migration: Migration): Promise<void> {
  const { scout, address, names, patienceMs } = migration;
  const state = () => schemaState(names, (sql) => query(scout, sql));
  if ((await state()) === "current") return;
  // The lock belongs to the scout's connection: on a pooled one it would outlive the query runner.
  const lock = lockName(address.database, names.prefix);
  const [taken] = await query(scout, "SELECT GET_LOCK(?, ?) AS taken", [lock, Math.ceil(patienceMs / 1000)]);
  if (Number(taken?.["taken"]) !== 1) {
    throw new ServerRefusalError(
      "store-busy",
      `${placeOf(address)} is still being brought up to date by another process: try again later.`,
    );
  }
  try {
    if ((await state()) !== "current") await runMigrations(migration);
  } finally {
    // If the connection is gone, so is the lock.
    await query(scout, "SELECT RELEASE_LOCK(?)", [lock]).catch(() => {});
  }
}

async function runMigrations({ dataSource, address }: Migration): Promise<void> {
  const runner = dataSource.createQueryRunner();
  try {
    // What TypeORM notes of a migration would be lost where the server's sessions do not commit by themselves.
    await runner.query(SESSION_SETTINGS);
    const executor = new MigrationExecutor(dataSource, runner);
    executor.transaction = "none";
    await executor.executePendingMigrations();
  } catch (error) {
    throw migrationError(error, placeOf(address));
  } finally {
    await runner.release();
  }
}

/** To make tables takes more than to use them: often another user may do that. */
function migrationError(error: unknown, place: string): MailonceError {
  const known = storeError(error, place);
  const { errno } = (known.cause ?? {}) as { readonly errno?: number };
  if (![1044, 1142, 1143, 1227, 1370].includes(errno ?? 0)) return known;
  return new StoreUnavailableError(
    `${place} lacks tables, or is to be brought up to date, and does not grant the user that: CREATE, ALTER, DROP, INDEX and REFERENCES. A user who may runs 'mailonce database migrate' once.`,
    { cause: known.cause },
  );
}

/** Locks are the whole server's, their names at most 64 characters. */
function lockName(database: string, prefix: string): string {
  return `mailonce_${createHash("sha256").update(`${database}\0${prefix}`).digest("hex").slice(0, 32)}`;
}
