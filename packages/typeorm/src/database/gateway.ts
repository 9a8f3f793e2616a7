import { MailonceError } from "@mailonce/core";
import type { Row, Value } from "../values/row.ts";
import type { Dialect } from "./dialect.ts";

/**
 * Statements on one connection, prepared and kept. Callers keep the number of distinct statements small. Driver
 * errors come out as the core's errors.
 */
export interface Statements {
  readonly dialect: Dialect;
  /** Most octets of values to send in one statement. */
  readonly statementOctets: number;
  rows(sql: string, values: readonly Value[]): Promise<readonly Row[]>;
  /** Resolves to the number of rows that were written, or found for an update. */
  run(sql: string, values: readonly Value[]): Promise<number>;
}

/** The way to a database: what differs between a server with a pool and a file with one connection. */
export interface Gateway {
  readonly dialect: Dialect;
  /** For people: which database, and where; without password. */
  readonly place: string;
  /** Runs `work` on a connection, outside of transactions. */
  read<T>(work: (statements: Statements) => Promise<T>): Promise<T>;
  /**
   * Runs `work` in a transaction that may write. Commits if it resolves and no statement in it failed; rolls back
   * and throws what failed otherwise.
   */
  transaction<T>(work: (statements: Statements) => Promise<T>): Promise<T>;
  /** One statement that is a transaction of its own. Resolves, once it is committed, to the number of rows it found. */
  change(sql: string, values: readonly Value[]): Promise<number>;
  /** Closes the DataSource. May be called more than once. */
  close(): Promise<void>;
}

/**
 * The statements of one transaction. They remember the first failure, because a transaction in which one failed is not
 * committed; and they end with it, because the connection is somebody else's afterwards.
 */
export class TransactionStatements implements Statements {
  readonly dialect: Dialect;
  readonly statementOctets: number;
  readonly #statements: Statements;
  #failure: { readonly error: unknown } | null = null;
  #over = false;

  constructor(statements: Statements) {
    this.#statements = statements;
    this.dialect = statements.dialect;
    this.statementOctets = statements.statementOctets;
  }

  rows(sql: string, values: readonly Value[]): Promise<readonly Row[]> {
    return this.#watch(() => this.#statements.rows(sql, values));
  }

  run(sql: string, values: readonly Value[]): Promise<number> {
    return this.#watch(() => this.#statements.run(sql, values));
  }

  /** @throws the first failure */
  throwIfFailed(): void {
    if (this.#failure) throw this.#failure.error;
  }

  /** Commit or rollback comes next: no more statements. */
  end(): void {
    this.#over = true;
  }

  async #watch<T>(statement: () => Promise<T>): Promise<T> {
    if (this.#over) throw new MailonceError("store-misused", "A transaction was used after its end.");
    this.throwIfFailed();
    try {
      return await statement();
    } catch (error) {
      this.#failure ??= { error };
      throw error;
    }
  }
}
