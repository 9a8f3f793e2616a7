import { MailonceError, StoreUnavailableError } from "@mailonce/core";
import type { DataSource, QueryRunner } from "typeorm";
import { type Dialect, dialectOf } from "../database/dialect.ts";
import {
  type Gateway,
  type Row,
  type Statements,
  TransactionStatements,
  type Value,
} from "../database/gateway.ts";
import { storeError } from "../database/store-error.ts";
import { storeSessionSettings } from "./session-settings.ts";

/** The part of mysql2's pooled connection, as TypeORM's query runner hands it out, that is used here. */
interface PooledConnection {
  execute(sql: string, values: readonly Value[], done: (error: unknown, result: unknown) => void): unknown;
  query(sql: string, done: (error: unknown) => void): unknown;
  destroy(): void;
  once(event: string, listener: () => void): unknown;
}

/** Most octets of values in one statement, however large the server's packets. */
const STATEMENT_OCTETS = 4 * 1024 * 1024;

/** An orderly end of the connections takes no longer. */
const CLOSE_MS = 5_000;

/** How long a server is waited for, in milliseconds. */
export interface Patience {
  /** For a free connection of the pool. */
  readonly patienceMs: number;
  /** For the answer to one statement. */
  readonly answerMs: number;
}

/** A server behind TypeORM's pool. Statements use the binary protocol: text doubles every octet of a blob. */
export class MysqlGateway implements Gateway {
  readonly dialect: Exclude<Dialect, "sqlite">;
  readonly place: string;
  readonly #dataSource: DataSource;
  readonly #patience: Patience;
  /** Those that were used and are open, so that none is left open to a server that has fallen silent. */
  readonly #connections = new Set<PooledConnection>();
  /** Those whose transactions are READ COMMITTED without being told so each time. */
  readonly #readCommitted = new WeakSet<PooledConnection>();
  readonly #isOwn: boolean;
  #statementOctets: number | null = null;

  /** @param isOwn true: nobody else uses the DataSource, so that its sessions may be set up once */
  constructor(dataSource: DataSource, place: string, patience: Patience, isOwn: boolean) {
    this.#isOwn = isOwn;
    this.#dataSource = dataSource;
    this.#patience = patience;
    this.dialect = dialectOf(dataSource.options.type) === "mariadb" ? "mariadb" : "mysql";
    this.place = place;
  }

  async read<T>(work: (statements: Statements) => Promise<T>): Promise<T> {
    const { runner, connection } = await this.#connect();
    try {
      return await work(await this.#statements(connection));
    } finally {
      await runner.release();
    }
  }

  change(sql: string, values: readonly Value[]): Promise<number> {
    // Outside of a transaction the server commits each statement by itself.
    return this.read((statements) => statements.run(sql, values));
  }

  async transaction<T>(work: (statements: Statements) => Promise<T>): Promise<T> {
    const { runner, connection } = await this.#connect();
    try {
      const statements = new TransactionStatements(await this.#statements(connection));
      if (!this.#readCommitted.has(connection))
        await this.#control(connection, "SET TRANSACTION ISOLATION LEVEL READ COMMITTED");
      await this.#control(connection, "START TRANSACTION");
      try {
        const result = await work(statements);
        statements.end();
        statements.throwIfFailed();
        await this.#control(connection, "COMMIT");
        return result;
      } catch (error) {
        statements.end();
        await this.#control(connection, "ROLLBACK").catch(() => {});
        throw error;
      }
    } finally {
      await runner.release();
    }
  }

  async close(): Promise<void> {
    if (!this.#dataSource.isInitialized) return;
    // The driver says good-bye and waits for the server to hang up.
    // Where the server is away, a connection that was being made may fail yet: that is no error of the end.
    const goodBye = this.#dataSource.destroy().catch(() => null);
    const closed = await within(goodBye, CLOSE_MS, () => null);
    if (closed === null) for (const connection of this.#connections) connection.destroy();
  }

  async #connect(): Promise<{ readonly runner: QueryRunner; readonly connection: PooledConnection }> {
    if (!this.#dataSource.isInitialized)
      throw new MailonceError("store-closed", `${this.place} is not open.`);
    const runner = this.#dataSource.createQueryRunner();
    const connecting = runner.connect() as Promise<PooledConnection>;
    const { patienceMs } = this.#patience;
    try {
      const connection = await within(connecting, patienceMs, () => {
        const seconds = patienceMs / 1000;
        throw new StoreUnavailableError(
          `${this.place}: no connection of the pool became free within ${seconds} seconds.`,
        );
      });
      this.#remember(connection);
      return { runner, connection };
    } catch (error) {
      // The pool knows no time limit: should the connection still come, it goes straight back.
      connecting.then(
        () => runner.release(),
        () => {},
      );
      throw storeError(error, this.place);
    }
  }

  #remember(connection: PooledConnection): void {
    if (this.#connections.has(connection)) return;
    this.#connections.add(connection);
    for (const event of ["end", "error"]) connection.once(event, () => this.#connections.delete(connection));
    if (this.#isOwn)
      connection.query(storeSessionSettings(this.dialect), (error) => {
        if (!error) this.#readCommitted.add(connection);
      });
  }

  /**
   * BEGIN, COMMIT and ROLLBACK: the driver's own, TypeORM's cost three times as much. After a failure the connection's
   * state is unknown, so the pool must not hand it out again.
   */
  async #control(connection: PooledConnection, command: string): Promise<void> {
    const answer = new Promise<void>((resolve, reject) => {
      connection.query(command, (error) => (error ? reject(error) : resolve()));
    });
    try {
      await within(answer, this.#patience.answerMs, () => {
        throw silent(this.place, this.#patience.answerMs);
      });
    } catch (error) {
      connection.destroy();
      throw storeError(error, this.place);
    }
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
    const { dialect, place } = this;
    return new ConnectionStatements({ connection, dialect, place, statementOctets, ...this.#patience });
  }
}

/** What the statements of one connection go by. */
interface StatementParts extends Pick<Patience, "answerMs"> {
  readonly connection: PooledConnection;
  readonly dialect: Dialect;
  readonly place: string;
  readonly statementOctets: number;
}

class ConnectionStatements implements Statements {
  readonly dialect: Dialect;
  readonly statementOctets: number;
  readonly #connection: PooledConnection;
  readonly #place: string;
  readonly #answerMs: number;

  constructor({ connection, dialect, place, statementOctets, answerMs }: StatementParts) {
    this.#connection = connection;
    this.dialect = dialect;
    this.#place = place;
    this.statementOctets = statementOctets;
    this.#answerMs = answerMs;
  }

  async rows(sql: string, values: readonly Value[]): Promise<readonly Row[]> {
    return (await this.#execute(sql, values)) as readonly Row[];
  }

  async run(sql: string, values: readonly Value[]): Promise<number> {
    const { affectedRows } = (await this.#execute(sql, values)) as { readonly affectedRows: number };
    return affectedRows;
  }

  #execute(sql: string, values: readonly Value[]): Promise<unknown> {
    const answer = new Promise((resolve, reject) => {
      this.#connection.execute(sql, values.map(asBuffer), (error, result) => {
        if (error) reject(storeError(error, this.#place));
        else resolve(result);
      });
    });
    return within(answer, this.#answerMs, () => {
      // What the statement did is unknown, and its answer may still come: nobody else may have this connection.
      this.#connection.destroy();
      throw silent(this.#place, this.#answerMs);
    });
  }
}

function silent(place: string, answerMs: number): StoreUnavailableError {
  return new StoreUnavailableError(`${place} has not answered for ${answerMs / 1000} seconds.`);
}

/** What the promise gives, or, after so many milliseconds, what `late` gives or throws. */
async function within<T, L>(promise: Promise<T>, ms: number, late: () => L): Promise<T | L> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<L>((resolve, reject) => {
    timer = setTimeout(() => {
      try {
        resolve(late());
      } catch (error) {
        reject(error);
      }
    }, ms);
  });
  // Whichever loses must not count as unhandled.
  promise.catch(() => {});
  try {
    return await Promise.race([promise, timeout]);
  } finally {
    clearTimeout(timer);
  }
}

/** mysql2 sends a Buffer as octets, but any other Uint8Array as JSON. */
function asBuffer(value: Value): Value {
  if (!(value instanceof Uint8Array) || Buffer.isBuffer(value)) return value;
  return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
}
