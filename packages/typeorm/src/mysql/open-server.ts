import { createHash } from "node:crypto";
import { type MailonceError, StoreUnavailableError } from "@mailonce/core";
import mysql2, { type Connection } from "mysql2";
import { DataSource, MigrationExecutor } from "typeorm";
import type { ServerAddress } from "../database/database-address.ts";
import { type Opened, type Opening, SILENT_LOGGER } from "../database/opening.ts";
import { migrationsOf } from "../migrations/migrations.ts";
import { schemaState } from "../migrations/schema-report.ts";
import { entitiesOf } from "../schema/entities.ts";
import type { TableNames } from "../schema/table-names.ts";
import { ServerRefusalError } from "../server/server-refusal-error.ts";
import { MYSQL_COLUMNS } from "./columns.ts";
import { type ConnectionOptions, connectionOptions } from "./connection-options.ts";
import { mysqlError } from "./errors.ts";
import { MYSQL_MIGRATIONS } from "./migrations.ts";
import { MysqlGateway, placeOfDataSource } from "./mysql-gateway.ts";
import { type Product, productOf } from "./product.ts";
import { SESSION_SETTINGS, storeSessionSettings } from "./session-settings.ts";
import { placeOf, query, selectOn, withSingleConnection } from "./single-connection.ts";

/** Connections that one store holds at most. Beyond that, callers wait for each other. */
const POOL_SIZE = 10;

/** Prepared statements kept on a connection; the store has fewer shapes than this. */
const MAX_PREPARED = 200;

/** Opens the server's database in a DataSource of the store's own and brings its tables up to date. */
export async function openServer(
  address: ServerAddress,
  { names, patience }: Pick<Opening, "names" | "patience">,
): Promise<Opened> {
  const options = await connectionOptions(address);
  return withSingleConnection(address, options, async (connection) => {
    const opened = await initialize(address, options, {
      product: await productAt(connection),
      names,
      patience,
    });
    const { dataSource } = opened;
    try {
      await migrate({ connection, dataSource, address, names, ...patience });
    } catch (error) {
      await dataSource.destroy();
      throw error;
    }
    return opened;
  });
}

/** The same where tables exist already, as old as they may be; null, and nothing created or changed, if they do not. */
export async function openExistingServer(
  address: ServerAddress,
  { names, patience }: Pick<Opening, "names" | "patience">,
): Promise<Opened | null> {
  const options = await connectionOptions(address);
  return withSingleConnection(address, options, async (connection) => {
    if ((await schemaState(names, selectOn(connection))) === "missing") return null;
    return initialize(address, options, { product: await productAt(connection), names, patience });
  });
}

async function initialize(
  address: ServerAddress,
  { host, ssl, stream, connectTimeout }: ConnectionOptions,
  { product, names, patience }: { product: Product } & Pick<Opening, "names" | "patience">,
): Promise<Opened> {
  const dataSource = await new DataSource({
    // To TypeORM the wrong one of the two is a schema that drifts for ever.
    type: product.type,
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
    entities: Object.values(entitiesOf(MYSQL_COLUMNS, names)),
    migrations: migrationsOf(MYSQL_MIGRATIONS, names),
    migrationsTableName: names.migrations,
    logging: false,
    logger: SILENT_LOGGER,
  }).initialize();
  const place = placeOfDataSource(dataSource, product);
  const settings = storeSessionSettings(product);
  return { dataSource, gateway: new MysqlGateway(dataSource, { place, patience, settings }) };
}

async function productAt(connection: Connection): Promise<Product> {
  const [row] = await query(connection, "SELECT VERSION() AS version");
  return productOf(String(row?.["version"]));
}

/** What a migration needs. */
interface Migration {
  readonly connection: Connection;
  readonly dataSource: DataSource;
  readonly address: ServerAddress;
  readonly names: TableNames;
  readonly patienceMs: number;
}

/** Under a lock of the server: of two processes that migrate at once, TypeORM lets one fail. */
async function migrate(migration: Migration): Promise<void> {
  const { connection, address, names, patienceMs } = migration;
  const state = () => schemaState(names, selectOn(connection));
  if ((await state()) === "current") return;
  // The lock belongs to the single connection: on a pooled one it would outlive the query runner.
  const lock = lockName(address.database, names.prefix);
  const [taken] = await query(connection, "SELECT GET_LOCK(?, ?) AS taken", [
    lock,
    Math.ceil(patienceMs / 1000),
  ]);
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
    await query(connection, "SELECT RELEASE_LOCK(?)", [lock]).catch(() => {});
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
  const known = mysqlError(error, place);
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
