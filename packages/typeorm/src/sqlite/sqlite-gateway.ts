import { setTimeout as delay } from "node:timers/promises";
import { MailonceError, StoreUnavailableError } from "@mailonce/core";
import type { DataSource } from "typeorm";
import { type Gateway, type Row, type Statements, TransactionStatements, type Value } from "../gateway.ts";
import { isBusy, storeError } from "../store-error.ts";
import type { BetterSqlite3Database, BetterSqlite3Statement } from "./better-sqlite3-adapter.ts";
import { type Control, Turns } from "./turns.ts";

/** Statements kept prepared; the store has fewer shapes than this. */
const MAX_PREPARED = 200;

/** 4 MiB a statement: no limit of SQLite's, only of the memory that one statement's values take. */
const STATEMENT_OCTETS = 4 * 1024 * 1024;

/** TypeORM hands every caller of an SQLite DataSource the same connection, so all stores on one take turns. */
const turns = new WeakMap<DataSource, Turns>();

/** A file with one connection: every statement in its turn, waiting for other processes without blocking this one. */
export class SqliteGateway implements Gateway, Statements {
  readonly dialect = "sqlite";
  readonly statementOctets = STATEMENT_OCTETS;
  readonly place: string;
  readonly #dataSource: DataSource;
  readonly #patienceMs: number;
  readonly #turns: Turns;
  readonly #control: Control;
  #database: BetterSqlite3Database | null = null;
  readonly #prepared = new Map<string, BetterSqlite3Statement>();

  /** @param patienceMs how long a lock that another process holds on the file is waited for */
  constructor(dataSource: DataSource, patienceMs: number) {
    this.#dataSource = dataSource;
    this.#patienceMs = patienceMs;
    this.place = `SQLite file ${String(dataSource.options.database)}`;
    this.#turns = turns.get(dataSource) ?? new Turns();
    turns.set(dataSource, this.#turns);
    this.#control = {
      // IMMEDIATE takes the write lock at once: a deferred BEGIN that must upgrade fails with SQLITE_BUSY_SNAPSHOT,
      // whatever the wait.
      begin: async () => void (await this.run("BEGIN IMMEDIATE", [])),
      commit: async () => void (await this.run("COMMIT", [])),
      rollback: () => this.#rollback(),
      mark: () => this.#savepoint("SAVEPOINT"),
      keep: () => this.#savepoint("RELEASE"),
      undo: () => {
        this.#savepoint("ROLLBACK TO");
        this.#savepoint("RELEASE");
      },
    };
  }

  read<T>(work: (statements: Statements) => Promise<T>): Promise<T> {
    return this.#turns.read(() => work(this));
  }

  transaction<T>(work: (statements: Statements) => Promise<T>): Promise<T> {
    return this.#turns.write(this.#control, async () => {
      const statements = new TransactionStatements(new OpenTransaction(this));
      try {
        const result = await work(statements);
        statements.throwIfFailed();
        return result;
      } finally {
        statements.end();
      }
    });
  }

  change(sql: string, values: readonly Value[]): Promise<number> {
    return this.transaction((statements) => statements.run(sql, values));
  }

  close(): Promise<void> {
    return this.#turns.read(async () => {
      if (this.#dataSource.isInitialized) await this.#dataSource.destroy();
    });
  }

  async rows(sql: string, values: readonly Value[]): Promise<readonly Row[]> {
    return this.#patiently(() => this.prepare(sql).all(...values) as Row[]);
  }

  async run(sql: string, values: readonly Value[]): Promise<number> {
    return this.#patiently(() => this.prepare(sql).run(...values).changes);
  }

  /** The statement, prepared once. */
  prepare(sql: string): BetterSqlite3Statement {
    const known = this.#prepared.get(sql);
    if (known) return known;
    const statement = this.#connection().prepare(sql);
    this.#prepared.set(sql, statement);
    if (this.#prepared.size > MAX_PREPARED) {
      const oldest = this.#prepared.keys().next().value;
      if (oldest !== undefined) this.#prepared.delete(oldest);
    }
    return statement;
  }

  async #patiently<T>(statement: () => T): Promise<T> {
    try {
      return await whileBusy(statement, this.#patienceMs);
    } catch (error) {
      if (isBusy(error)) {
        throw new StoreUnavailableError(
          `${this.place} was locked by others for ${this.#patienceMs / 1000} seconds: try again later.`,
        );
      }
      throw storeError(error, this.place);
    }
  }

  #savepoint(verb: "SAVEPOINT" | "RELEASE" | "ROLLBACK TO"): void {
    try {
      this.prepare(`${verb} mailonce_writer`).run();
    } catch (error) {
      throw new StoreUnavailableError(`${this.place} broke off a transaction that this one was a part of.`, {
        cause: storeError(error, this.place),
      });
    }
  }

  #rollback(): void {
    try {
      this.prepare("ROLLBACK").run();
    } catch {
      // SQLite itself has rolled back (disk full, say), or the connection is closed: nothing is open either way.
    }
  }

  #connection(): BetterSqlite3Database {
    if (!this.#dataSource.isInitialized)
      throw new MailonceError("store-closed", `${this.place} is not open.`);
    // TypeORM's driver of this type has the connection under this name; a query runner's connect() gives the same.
    const { databaseConnection } = this.#dataSource.driver as unknown as {
      readonly databaseConnection: BetterSqlite3Database;
    };
    if (this.#database !== databaseConnection) {
      this.#prepared.clear();
      this.#database = databaseConnection;
    }
    return databaseConnection;
  }
}

/** Within a transaction the lock is held, so nothing waits. */
class OpenTransaction implements Statements {
  readonly dialect = "sqlite";
  readonly statementOctets = STATEMENT_OCTETS;
  readonly #gateway: SqliteGateway;

  constructor(gateway: SqliteGateway) {
    this.#gateway = gateway;
  }

  async rows(sql: string, values: readonly Value[]): Promise<readonly Row[]> {
    return this.#now(() => this.#gateway.prepare(sql).all(...values) as Row[]);
  }

  async run(sql: string, values: readonly Value[]): Promise<number> {
    return this.#now(() => this.#gateway.prepare(sql).run(...values).changes);
  }

  #now<T>(statement: () => T): T {
    try {
      return statement();
    } catch (error) {
      throw storeError(error, this.#gateway.place);
    }
  }
}

/** Tries again while the file is busy, with short pauses; throws the busy error after `patienceMs`. */
export async function whileBusy<T>(statement: () => T, patienceMs: number): Promise<T> {
  const deadline = Date.now() + patienceMs;
  for (let pauseMs = 1; ; pauseMs = Math.min(pauseMs * 2, 50)) {
    try {
      return statement();
    } catch (error) {
      if (!isBusy(error) || Date.now() >= deadline) throw error;
    }
    // Not all at the same instant: two processes that wait in step would meet again and again.
    await delay(pauseMs * (0.5 + Math.random()));
  }
}
