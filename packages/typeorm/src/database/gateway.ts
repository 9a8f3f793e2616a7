import { MailonceError } from "@mailonce/core";
import type { Row, Value } from "../values/row.ts";
import type { Dialect } from "./dialect.ts";
import type { Inserter, Target } from "./inserter.ts";

/**
 * Statements on one connection, prepared and kept. Callers keep the number of distinct statements small. Driver
 * errors come out as the core's errors.
 */
export interface Statements {
  readonly dialect: Dialect;
  /** Most octets of values to send in one statement. */
  readonly statementOctets: number;
  rows(sql: string, values: readonly Value[]): Promise<readonly Row[]>;
  /** Runs a statement that writes. Resolves to the number of rows that it wrote, or found if it is an UPDATE. */
  run(sql: string, values: readonly Value[]): Promise<number>;
  /** Inserts rows into one table, in the way that is fastest on this database. */
  inserter(target: Target): Inserter;
}

/**
 * The way to a database, be it a server with a pool of connections or a file with one connection.
 *
 * The store writes its statements by hand and gives them to the driver. TypeORM makes the DataSource, the entities, and runs
 * the migrations; its repositories are too slow for mail. Measured with Node 20 on two shared cores, CPU time: 10,000
 * ledger entries, inserted in transactions of 200, take 0.3 s by hand and 0.9 s by a repository, on SQLite and MariaDB
 * alike; 40,000 known entries take 0.17 s and 0.6 s to read from SQLite, 0.15 s and 0.33 s from MariaDB. Nor could the query
 * builder say all that the store asks for: the database's clock, an index or an order of tables on each of them.
 */
export interface Gateway {
  readonly dialect: Dialect;
  /** For people: which database, and where; without password. */
  readonly place: string;
  /** Runs `work` on a connection, outside of transactions. */
  read<T>(work: (statements: Statements) => Promise<T>): Promise<T>;
  /**
   * Runs `work` in a transaction that may write. It is committed if `work` resolves and none of its statements failed;
   * otherwise it is rolled back, and this throws what failed.
   */
  transaction<T>(work: (statements: Statements) => Promise<T>): Promise<T>;
  /** One statement that is a transaction of its own. Resolves, once it is committed, to the number of rows it found. */
  change(sql: string, values: readonly Value[]): Promise<number>;
  /** Closes the DataSource. May be called more than once. */
  close(): Promise<void>;
}

/** The statements of a transaction, and what its gateway needs to end it. */
export interface Transaction {
  readonly statements: Statements;
  /** Refuses statements from now on, because somebody else may have the connection. */
  end(): void;
  /** Throws the first failure of a statement, if there was one: such a transaction is not committed. */
  throwIfFailed(): void;
}

/** A transaction on the statements of a connection on which one has begun. */
export function transactionOn(connection: Statements): Transaction {
  let failure: { readonly error: unknown } | null = null;
  let isOver = false;
  const throwIfFailed = (): void => {
    if (failure) throw failure.error;
  };
  const note = (error: unknown): void => {
    failure ??= { error };
  };
  const watch = <T>(step: () => T): T => {
    if (isOver) throw new MailonceError("store-misused", "A transaction was used after its end.");
    throwIfFailed();
    try {
      const result = step();
      // Noted before who waits for it hears of it.
      if (result instanceof Promise) result.catch(note);
      return result;
    } catch (error) {
      note(error);
      throw error;
    }
  };
  return {
    statements: {
      dialect: connection.dialect,
      statementOctets: connection.statementOctets,
      rows: async (sql, values) => watch(() => connection.rows(sql, values)),
      run: async (sql, values) => watch(() => connection.run(sql, values)),
      inserter: (target) => {
        const inserter = connection.inserter(target);
        return { add: (row) => watch(() => inserter.add(row)), flush: () => watch(() => inserter.flush()) };
      },
    },
    end: () => {
      isOver = true;
    },
    throwIfFailed,
  };
}
