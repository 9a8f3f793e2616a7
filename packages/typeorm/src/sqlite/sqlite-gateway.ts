import { MailonceError, StoreUnavailableError } from "@mailonce/core";
import type { DataSource } from "typeorm";
import { type Gateway, type Statements, transactionOn } from "../database/gateway.ts";
import type { Inserter, Target } from "../database/inserter.ts";
import { insertOf } from "../database/row-inserter.ts";
import type { Row, Value } from "../values/row.ts";
import type {
  BetterSqlite3Database,
  BetterSqlite3Driver,
  BetterSqlite3Statement,
} from "./better-sqlite3-adapter.ts";
import { ConnectionMutex, type TransactionControl } from "./connection-mutex.ts";
import { SQLITE_DIALECT } from "./dialect.ts";
import { isBusy, sqliteError } from "./errors.ts";
import { lockedStatements } from "./locked-statements.ts";
import { leaveOpen, refuseShared, sharing } from "./sharing.ts";
import { whileBusy, withoutWaiting } from "./waiting.ts";
import { WatchedFile } from "./watched-file.ts";

/** Statements kept prepared; the store has fewer shapes than this. */
const MAX_PREPARED = 200;

/** 4 MiB a statement: no limit of SQLite's, only of the memory that one statement's values take. */
const STATEMENT_OCTETS = 4 * 1024 * 1024;

/** Of PRAGMA synchronous: a commit is on the disk. */
const FULL = 2;

/** TypeORM hands every caller of an SQLite DataSource the same connection, so all stores on one share a mutex. */
const mutexes = new WeakMap<DataSource, ConnectionMutex>();

/** A file with one connection: every statement in its turn, waiting for other processes without blocking this one. */
export class SqliteGateway implements Gateway, Statements {
  readonly dialect = SQLITE_DIALECT;
  readonly statementOctets = STATEMENT_OCTETS;
  readonly place: string;
  readonly #dataSource: DataSource;
  readonly #patienceMs: number;
  readonly #isOwn: boolean;
  readonly #mutex: ConnectionMutex;
  readonly #control: TransactionControl;
  #database: BetterSqlite3Database | null = null;
  /** Null for a database in memory. */
  #file: WatchedFile | null = null;
  /** The connection's own level of `synchronous`, to be restored. */
  #level = FULL;
  readonly #prepared = new Map<string, BetterSqlite3Statement>();

  /**
   * @param patienceMs how long a lock that others hold on the file is waited for
   * @param isOwn false: the connection is a program's, which may use it whenever no transaction of the store is open
   */
  constructor(dataSource: DataSource, patienceMs: number, isOwn: boolean) {
    this.#dataSource = dataSource;
    this.#patienceMs = patienceMs;
    this.#isOwn = isOwn;
    this.place = `SQLite file ${String(dataSource.options.database)}`;
    this.#mutex = mutexes.get(dataSource) ?? new ConnectionMutex();
    mutexes.set(dataSource, this.#mutex);
    this.#control = {
      // IMMEDIATE takes the write lock at once: a deferred BEGIN that must upgrade fails with SQLITE_BUSY_SNAPSHOT,
      // whatever the wait.
      begin: async () => {
        this.expectAlone();
        await this.#patiently(() => this.#begin());
      },
      commit: () => this.#commit(),
      rollback: () => this.#rollback(),
      mark: () => this.#savepoint("SAVEPOINT"),
      keep: () => this.#savepoint("RELEASE"),
      undo: () => {
        this.#savepoint("ROLLBACK TO");
        this.#savepoint("RELEASE");
      },
    };
    if (!isOwn) this.#refuseShared();
  }

  /** @throws MailonceError (`sqlite-shared`) if another SQLite library has the file open in this process */
  expectAlone(): void {
    this.#connection();
    this.#file?.expectAlone();
  }

  read<T>(work: (statements: Statements) => Promise<T>): Promise<T> {
    return this.#mutex.read(() => work(this));
  }

  transaction<T>(work: (statements: Statements) => Promise<T>): Promise<T> {
    return this.#mutex.write(this.#control, async () => {
      const { statements, throwIfFailed, end } = transactionOn(lockedStatements(this, this.place));
      try {
        const result = await (this.#isOwn ? work(statements) : withoutWaiting(work(statements)));
        throwIfFailed();
        return result;
      } finally {
        end();
      }
    });
  }

  change(sql: string, values: readonly Value[]): Promise<number> {
    return this.transaction((statements) => statements.run(sql, values));
  }

  close(): Promise<void> {
    return this.#mutex.read(async () => {
      if (!this.#dataSource.isInitialized) return;
      if (this.#file?.mayBeClosed ?? true) await this.#dataSource.destroy();
      else leaveOpen(this.#dataSource);
    });
  }

  async rows(sql: string, values: readonly Value[]): Promise<readonly Row[]> {
    return this.#patiently(() => this.prepare(sql).all(...values) as Row[]);
  }

  async run(sql: string, values: readonly Value[]): Promise<number> {
    return this.#patiently(() => this.prepare(sql).run(...values).changes);
  }

  inserter(target: Target): Inserter {
    const sql = insertOf(target, 1);
    return {
      add: async (row) => {
        await this.run(sql, row);
      },
      flush: () => undefined,
    };
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
      return await whileBusy(() => this.#atOnce(statement), this.#patienceMs);
    } catch (error) {
      if (isBusy(error)) {
        throw new StoreUnavailableError(
          `${this.place} was locked by others for ${this.#patienceMs / 1000} seconds: try again later.`,
        );
      }
      throw sqliteError(error, this.place);
    }
  }

  /** Never waits inside SQLite: that would stop the whole process, and with it whoever holds the lock, perhaps. */
  #atOnce<T>(statement: () => T): T {
    if (this.#isOwn) return statement();
    const timeout = this.#pragma("busy_timeout");
    if (timeout === 0) return statement();
    this.prepare("PRAGMA busy_timeout = 0").all();
    try {
      return statement();
    } finally {
      this.prepare(`PRAGMA busy_timeout = ${timeout}`).all();
    }
  }

  /**
   * A commit is to survive a power cut, as the fetched mail may be gone: in WAL not what better-sqlite3 does by itself.
   */
  #begin(): void {
    const level = this.#isOwn ? FULL : this.#pragma("synchronous");
    if (level < FULL) this.prepare(`PRAGMA synchronous = ${FULL}`).run();
    this.#level = level;
    try {
      this.prepare("BEGIN IMMEDIATE").run();
    } catch (error) {
      this.#restoreLevel();
      throw error;
    }
  }

  #restoreLevel(): void {
    if (this.#level < FULL) this.prepare(`PRAGMA synchronous = ${this.#level}`).run();
    this.#level = FULL;
  }

  #pragma(name: "busy_timeout" | "synchronous"): number {
    const [row = {}] = this.prepare(`PRAGMA ${name}`).all() as Row[];
    return Number(Object.values(row)[0]);
  }

  /** The same at the start, when it is not sure yet; the file may be without a WAL. */
  #refuseShared(): void {
    this.#connection();
    const { sqlite } = this.#dataSource.driver as unknown as { readonly sqlite: BetterSqlite3Driver };
    if (this.#file !== null) refuseShared(this.place, sharing(this.#file.path, sqlite, 1), false);
  }

  async #commit(): Promise<void> {
    this.#file?.expectSame();
    if (this.#isOwn) {
      await this.run("COMMIT", []);
      return;
    }
    // Readers may stand in its way where the file has no WAL. It is not tried again: what the program does meanwhile on
    // this connection would become a part of the transaction.
    try {
      this.#atOnce(() => this.prepare("COMMIT").run());
    } catch (error) {
      throw sqliteError(error, this.place);
    }
    this.#restoreLevel();
  }

  #savepoint(verb: "SAVEPOINT" | "RELEASE" | "ROLLBACK TO"): void {
    try {
      this.prepare(`${verb} mailonce_writer`).run();
    } catch (error) {
      throw new StoreUnavailableError(`${this.place} broke off a transaction that this one was a part of.`, {
        cause: sqliteError(error, this.place),
      });
    }
  }

  #rollback(): void {
    try {
      this.prepare("ROLLBACK").run();
    } catch {
      // SQLite itself has rolled back (disk full, say), or the connection is closed: nothing is open either way.
    }
    try {
      this.#restoreLevel();
    } catch {
      // The connection is closed.
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
      this.#file = watchedFile(databaseConnection, this.place);
    }
    return databaseConnection;
  }
}

function watchedFile(database: BetterSqlite3Database, place: string): WatchedFile | null {
  const list = database.prepare("PRAGMA database_list").all() as { readonly name: string; file: string }[];
  const path = list.find(({ name }) => name === "main")?.file ?? "";
  return path === "" ? null : new WatchedFile(path, place);
}
