import { MailonceError, StoreUnavailableError } from "@mailonce/core";
import type { DataSource, QueryRunner } from "typeorm";
import { type Dialect, dialectOf } from "../dialect.ts";
import { type Gateway, type Row, type Statements, TransactionStatements, type Value } from "../gateway.ts";
import { storeError } from "../store-error.ts";

/** The part of mysql2's pooled connection, as TypeORM's query runner hands it out, that is used here. */
interface PooledConnection {
  execute(sql: string, values: readonly Value[], done: (error: unknown, result: unknown) => void): unknown;
  destroy(): void;
}

/** Most octets of values in one statement, however large the server's packets. */
const STATEMENT_OCTETS = 4 * 1024 * 1024;

/** A server behind TypeORM's pool. Statements use the binary protocol: text doubles every octet of a blob. */
export class MysqlGateway implements Gateway {
  readonly dialect: Dialect;
  readonly place: string;
  readonly #dataSource: DataSource;
  readonly #patienceMs: number;
  #statementOctets: number | null = null;

  /** @param patienceMs how long a free connection of the pool is waited for */
  constructor(dataSource: DataSource, place: string, patienceMs: number) {
    this.#dataSource = dataSource;
    this.#patienceMs = patienceMs;
    this.dialect = dialectOf(dataSource.options.type);
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

  async transaction<T>(work: (statements: Statements) => Promise<T>): Promise<T> {
    const { runner, connection } = await this.#connect();
    try {
      const statements = new TransactionStatements(await this.#statements(connection));
      await this.#control(() => runner.startTransaction("READ COMMITTED"), connection);
      try {
        const result = await work(statements);
        statements.end();
        statements.throwIfFailed();
        await this.#control(() => runner.commitTransaction(), connection);
        return result;
      } catch (error) {
        statements.end();
        if (runner.isTransactionActive) await runner.rollbackTransaction().catch(() => connection.destroy());
        throw error;
      }
    } finally {
      await runner.release();
    }
  }

  async close(): Promise<void> {
    if (this.#dataSource.isInitialized) await this.#dataSource.destroy();
  }

  async #connect(): Promise<{ readonly runner: QueryRunner; readonly connection: PooledConnection }> {
    if (!this.#dataSource.isInitialized)
      throw new MailonceError("store-closed", `${this.place} is not open.`);
    const runner = this.#dataSource.createQueryRunner();
    const connecting = runner.connect() as Promise<PooledConnection>;
    let timer: NodeJS.Timeout | undefined;
    const timeout = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        const seconds = this.#patienceMs / 1000;
        reject(
          new StoreUnavailableError(
            `${this.place}: no connection of the pool became free within ${seconds} seconds.`,
          ),
        );
      }, this.#patienceMs);
    });
    try {
      return { runner, connection: await Promise.race([connecting, timeout]) };
    } catch (error) {
      // The pool knows no time limit: should the connection still come, it goes straight back.
      connecting.then(
        () => runner.release(),
        () => {},
      );
      throw storeError(error, this.place);
    } finally {
      clearTimeout(timer);
    }
  }

  /** BEGIN and COMMIT. After a failure the connection's state is unknown, so the pool must not hand it out again. */
  async #control(command: () => Promise<void>, connection: PooledConnection): Promise<void> {
    try {
      await command();
    } catch (error) {
      connection.destroy();
      throw storeError(error, this.place);
    }
  }

  async #statements(connection: PooledConnection): Promise<Statements> {
    if (this.#statementOctets === null) {
      const probe = new ConnectionStatements(connection, this.dialect, this.place, 0);
      const [row] = await probe.rows("SELECT @@max_allowed_packet AS packet", []);
      this.#statementOctets = Math.min(STATEMENT_OCTETS, Math.floor(Number(row?.["packet"]) / 2));
    }
    return new ConnectionStatements(connection, this.dialect, this.place, this.#statementOctets);
  }
}

class ConnectionStatements implements Statements {
  readonly dialect: Dialect;
  readonly statementOctets: number;
  readonly #connection: PooledConnection;
  readonly #place: string;

  constructor(connection: PooledConnection, dialect: Dialect, place: string, statementOctets: number) {
    this.#connection = connection;
    this.dialect = dialect;
    this.#place = place;
    this.statementOctets = statementOctets;
  }

  async rows(sql: string, values: readonly Value[]): Promise<readonly Row[]> {
    return (await this.#execute(sql, values)) as readonly Row[];
  }

  async run(sql: string, values: readonly Value[]): Promise<void> {
    await this.#execute(sql, values);
  }

  #execute(sql: string, values: readonly Value[]): Promise<unknown> {
    return new Promise((resolve, reject) => {
      this.#connection.execute(sql, values.map(asBuffer), (error, result) => {
        if (error) reject(storeError(error, this.#place));
        else resolve(result);
      });
    });
  }
}

/** mysql2 sends a Buffer as octets, but any other Uint8Array as JSON. */
function asBuffer(value: Value): Value {
  if (!(value instanceof Uint8Array) || Buffer.isBuffer(value)) return value;
  return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
}
