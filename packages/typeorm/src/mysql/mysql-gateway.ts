import { MailonceError, StoreUnavailableError } from "@mailonce/core";
import type { DataSource } from "typeorm";
import { type Gateway, type Statements, transactionOn } from "../database/gateway.ts";
import type { Patience } from "../database/opening.ts";
import { RowInserter } from "../database/row-inserter.ts";
import { serverPlace } from "../server/server-place.ts";
import type { Row, Value } from "../values/row.ts";
import { MYSQL_DIALECT } from "./dialect.ts";
import { mysqlError } from "./errors.ts";
import { type CommandConnection, executeLarge, isLarge } from "./large-statement.ts";
import type { Product } from "./product.ts";

/** The part of TypeORM's driver that is used here: its query runner takes a connection by it, and costs more than the rest. */
interface Driver {
  obtainMasterConnection(): Promise<PooledConnection>;
}

/** The part of mysql2's pooled connection that is used here. */
interface PooledConnection extends CommandConnection {
  execute(sql: string, values: readonly Value[], done: (error: unknown, result: unknown) => void): unknown;
  query(sql: string, done: (error: unknown) => void): unknown;
  release(): void;
  destroy(): void;
  once(event: string, listener: () => void): unknown;
}

/** Most octets of values in one statement, however large the server's packets. */
const STATEMENT_OCTETS = 4 * 1024 * 1024;

/** How long an orderly end of the connections may take. */
const CLOSE_MS = 5_000;

/** What a {@link MysqlGateway} is made of, beside its DataSource. */
export interface GatewayParts {
  readonly place: string;
  readonly patience: Patience;
  /** Sets up the sessions of a DataSource that nobody else uses, once each; null: they are a program's, and stay as they are. */
  readonly settings: string | null;
}

/** A server behind TypeORM's pool. Statements use the binary protocol: text doubles every octet of a blob. */
export class MysqlGateway implements Gateway {
  readonly dialect = MYSQL_DIALECT;
  readonly place: string;
  readonly #dataSource: DataSource;
  readonly #patience: Patience;
  /** The open connections that were used: at the end none may be left open to a server that does not answer. */
  readonly #connections = new Set<PooledConnection>();
  /** The connections whose sessions are set to READ COMMITTED, so that no transaction needs to ask for it. */
  readonly #readCommitted = new WeakSet<PooledConnection>();
  readonly #settings: string | null;
  #statementOctets: number | null = null;

  constructor(dataSource: DataSource, { place, patience, settings }: GatewayParts) {
    this.#dataSource = dataSource;
    this.place = place;
    this.#patience = patience;
    this.#settings = settings;
  }

  async read<T>(work: (statements: Statements) => Promise<T>): Promise<T> {
    const connection = await this.#connect();
    try {
      return await work(await this.#statements(connection));
    } finally {
      connection.release();
    }
  }

  change(sql: string, values: readonly Value[]): Promise<number> {
    // Outside of a transaction the server commits each statement by itself.
    return this.read((statements) => statements.run(sql, values));
  }

  async transaction<T>(work: (statements: Statements) => Promise<T>): Promise<T> {
    const connection = await this.#connect();
    try {
      const transaction = transactionOn(await this.#statements(connection));
      if (!this.#readCommitted.has(connection))
        await this.#control(connection, "SET TRANSACTION ISOLATION LEVEL READ COMMITTED");
      await this.#control(connection, "START TRANSACTION");
      try {
        const result = await work(transaction.statements);
        transaction.end();
        transaction.throwIfFailed();
        await this.#control(connection, "COMMIT");
        return result;
      } catch (error) {
        transaction.end();
        await this.#control(connection, "ROLLBACK").catch(() => {});
        throw error;
      }
    } finally {
      connection.release();
    }
  }

  async close(): Promise<void> {
    if (!this.#dataSource.isInitialized) return;
    // mysql2 takes its leave (COM_QUIT) and waits until the server closes the connection.
    // Where the server is away, a connection that was being made may fail yet: that is no error of the end.
    const goodBye = this.#dataSource.destroy().catch(() => null);
    const closed = await within(goodBye, CLOSE_MS, () => null);
    if (closed === null) for (const connection of this.#connections) connection.destroy();
  }

  async #connect(): Promise<PooledConnection> {
    if (!this.#dataSource.isInitialized)
      throw new MailonceError("store-closed", `${this.place} is not open.`);
    const connecting = (this.#dataSource.driver as unknown as Driver).obtainMasterConnection();
    const { patienceMs } = this.#patience;
    try {
      const connection = await within(connecting, patienceMs, () => {
        const seconds = patienceMs / 1000;
        throw new StoreUnavailableError(
          `${this.place}: no connection of the pool became free within ${seconds} seconds.`,
        );
      });
      this.#remember(connection);
      return connection;
    } catch (error) {
      // The pool has no time limit of its own. If the connection comes later, it goes straight back.
      connecting.then(
        (connection) => connection.release(),
        () => {},
      );
      throw mysqlError(error, this.place);
    }
  }

  #remember(connection: PooledConnection): void {
    if (this.#connections.has(connection)) return;
    this.#connections.add(connection);
    for (const event of ["end", "error"]) connection.once(event, () => this.#connections.delete(connection));
    if (this.#settings !== null)
      connection.query(this.#settings, (error) => {
        if (!error) this.#readCommitted.add(connection);
      });
  }

  /**
   * BEGIN, COMMIT and ROLLBACK: the driver's own, TypeORM's cost three times as much. After a failure the connection's
   * state is unknown, so the pool must not hand it out again.
   */
  #control(connection: PooledConnection, command: string): Promise<void> {
    return this.#answer(connection, (answered) =>
      connection.query(command, (error) => {
        if (error) connection.destroy();
        answered(error);
      }),
    );
  }

  async #statements(connection: PooledConnection): Promise<Statements> {
    if (this.#statementOctets === null) {
      const probe = this.#on(connection, 0);
      const [row] = await probe.rows("SELECT @@max_allowed_packet AS packet", []);
      this.#statementOctets = Math.min(STATEMENT_OCTETS, Math.floor(Number(row?.["packet"]) / 2));
    }
    return this.#on(connection, this.#statementOctets);
  }

  #on(connection: PooledConnection, statementOctets: number): Statements {
    const statements: Statements = {
      dialect: this.dialect,
      statementOctets,
      rows: (sql, values) => this.#execute(connection, sql, values, (rows) => rows as readonly Row[]),
      run: (sql, values) =>
        isLarge(values)
          ? this.#answer(
              connection,
              (answered) => executeLarge(connection, sql, values, answered),
              affectedRows,
            )
          : this.#execute(connection, sql, values, affectedRows),
      inserter: (target) => new RowInserter(statements, target),
    };
    return statements;
  }

  #execute<T>(
    connection: PooledConnection,
    sql: string,
    values: readonly Value[],
    read: (result: unknown) => T,
  ): Promise<T> {
    return this.#answer(
      connection,
      (answered) => connection.execute(sql, values.map(asBuffer), answered),
      read,
    );
  }

  /**
   * The answer to what `send` sends, as `read` reads it. If none comes in time, the connection is destroyed: what was done is
   * unknown, and as the answer may still come, nobody else may have it.
   */
  #answer<T = void>(
    connection: PooledConnection,
    send: (answered: (error: unknown, result?: unknown) => void) => void,
    read: (result: unknown) => T = (result) => result as T,
  ): Promise<T> {
    const { answerMs } = this.#patience;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        connection.destroy();
        reject(new StoreUnavailableError(`${this.place} has not answered for ${answerMs / 1000} seconds.`));
      }, answerMs);
      send((error, result) => {
        clearTimeout(timer);
        if (error) reject(mysqlError(error, this.place));
        else resolve(read(result));
      });
    });
  }
}

function affectedRows(result: unknown): number {
  return (result as { readonly affectedRows: number }).affectedRows;
}

/** Ends as the promise does, or, after so many milliseconds, as `late` returns or throws. */
function within<T, L>(promise: Promise<T>, ms: number, late: () => L): Promise<T | L> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      try {
        resolve(late());
      } catch (error) {
        reject(error);
      }
    }, ms);
    promise.then(
      (value) => {
        clearTimeout(timer);
        resolve(value);
      },
      (error: unknown) => {
        clearTimeout(timer);
        reject(error);
      },
    );
  });
}

/** mysql2 sends a Buffer as octets, but any other Uint8Array as JSON. */
function asBuffer(value: Value): Value {
  if (!(value instanceof Uint8Array) || Buffer.isBuffer(value)) return value;
  return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
}

/** Where a DataSource's database is, by its options, which give host and port one by one or in a URL. */
export function placeOfDataSource({ driver, options }: DataSource, { title }: Product): string {
  const { host, port, url } = options as {
    readonly host?: string;
    readonly port?: number;
    readonly url?: string;
  };
  const parsed = url !== undefined && URL.canParse(url) ? new URL(url) : null;
  return serverPlace({
    product: title,
    version: driver.version ?? "",
    host: host ?? (parsed?.hostname || "localhost"),
    port: port ?? Number(parsed?.port || 3306),
    database: driver.database ?? "",
  });
}
