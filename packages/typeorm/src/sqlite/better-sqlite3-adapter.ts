import { pathToFileURL } from "node:url";
import { resultCodeName, resultCodeOf } from "./result-codes.ts";
import { type SqliteConnection, type SqliteStatement, sqliteModule } from "./sqlite-module.ts";

/** The part of better-sqlite3's interface that TypeORM's driver of that name, and this package, use. */
export interface BetterSqlite3Statement {
  /** True if the statement gives rows. */
  readonly reader: boolean;
  all(...values: readonly unknown[]): unknown[];
  run(...values: readonly unknown[]): { changes: number; lastInsertRowid: number | bigint };
}

export interface BetterSqlite3Database {
  prepare(sql: string): BetterSqlite3Statement;
  pragma(source: string): unknown[];
  close(): void;
}

/**
 * Give this to a TypeORM DataSource of type `better-sqlite3` as `driver`: it runs on `node:sqlite` (or, on Node 20, on
 * `@photostructure/sqlite`), so that nothing needs a compiler or an install script. Errors carry `SQLITE_*` codes.
 */
export class SqliteDatabase implements BetterSqlite3Database {
  readonly #connection: SqliteConnection;

  constructor(
    path: string,
    options: {
      readonly readonly?: boolean;
      readonly fileMustExist?: boolean;
      readonly timeout?: number;
    } = {},
  ) {
    this.#connection = named(
      () =>
        new (sqliteModule().DatabaseSync)(path, {
          readOnly: options.readonly ?? false,
          timeout: options.timeout ?? 0,
        }),
    );
  }

  prepare(sql: string): BetterSqlite3Statement {
    return named(() => new Statement(this, this.#connection.prepare(sql), sql));
  }

  pragma(source: string): unknown[] {
    return this.prepare(`PRAGMA ${source}`).all();
  }

  close(): void {
    named(() => this.#connection.close());
  }
}

/**
 * The same for a file that nobody can change, as on a file system that is mounted read-only: SQLite then needs neither
 * locks nor the files that it keeps beside a WAL database. What such a file beside it holds is not seen.
 */
export class ImmutableSqliteDatabase extends SqliteDatabase {
  constructor(path: string) {
    // https://www.sqlite.org/uri.html
    super(`${pathToFileURL(path)}?immutable=1`, { readonly: true });
  }
}

class Statement implements BetterSqlite3Statement {
  readonly reader: boolean;
  readonly #statement: SqliteStatement;
  /** Held because the connection is closed once its Database object is collected, statements in use or not. */
  readonly database: SqliteDatabase;

  constructor(database: SqliteDatabase, statement: SqliteStatement, sql: string) {
    this.database = database;
    this.#statement = statement;
    this.reader = statement.columns
      ? statement.columns().length > 0
      : /^\s*(?:SELECT|PRAGMA|VALUES|WITH|EXPLAIN)\b|\bRETURNING\b/i.test(sql);
  }

  all(...values: readonly unknown[]): unknown[] {
    return named(() => this.#statement.all(...values));
  }

  run(...values: readonly unknown[]): { changes: number; lastInsertRowid: number | bigint } {
    const { changes, lastInsertRowid } = named(() => this.#statement.run(...values));
    return { changes: Number(changes), lastInsertRowid };
  }
}

function named<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const code =
      "errcode" in error && typeof error.errcode === "number"
        ? resultCodeName(error.errcode)
        : resultCodeOf(error.message);
    throw code === null ? error : Object.assign(error, { code });
  }
}
