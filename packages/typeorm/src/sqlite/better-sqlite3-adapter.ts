import { pathToFileURL } from "node:url";
import { noteClosed, noting } from "./descriptors.ts";
import { resultCodeName, resultCodeOf } from "./result-codes.ts";
import {
  type SqliteConnection,
  type SqliteModule,
  type SqliteStatement,
  sqliteModule,
} from "./sqlite-module.ts";

/** The part of better-sqlite3's interface that TypeORM's driver of that name, and this package, use. */
export interface BetterSqlite3Statement {
  /** True if the statement gives rows. */
  readonly reader: boolean;
  all(...values: readonly unknown[]): unknown[];
  run(...values: readonly unknown[]): { changes: number; lastInsertRowid: number | bigint };
}

export interface BetterSqlite3Database {
  prepare(sql: string): BetterSqlite3Statement;
  pragma(source: string): unknown;
  close(): void;
}

interface DatabaseOptions {
  readonly readonly?: boolean;
  readonly fileMustExist?: boolean;
  readonly timeout?: number;
}

/** What better-sqlite3 exports, or behaves like it: TypeORM's option `driver` for DataSources of that type. */
export interface BetterSqlite3Driver {
  new (path: string, options?: DatabaseOptions): BetterSqlite3Database;
  /** The module that it adapts; absent in better-sqlite3 itself. */
  adapted?(): SqliteModule;
}

/** A module with the interface of `node:sqlite`, as better-sqlite3. Errors carry `SQLITE_*` codes. */
abstract class AdaptedDatabase implements BetterSqlite3Database {
  readonly #library: object;
  readonly #connection: SqliteConnection;
  readonly #path: string;

  constructor({ DatabaseSync }: SqliteModule, path: string, options: DatabaseOptions = {}) {
    this.#library = DatabaseSync;
    this.#path = path;
    const { readonly: readOnly = false, timeout = 0 } = options;
    this.#connection = noting(DatabaseSync, path, () =>
      named(() => new DatabaseSync(path, { readOnly, timeout })),
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
    noteClosed(this.#library, this.#path);
  }
}

/**
 * Give this to a TypeORM DataSource of type `better-sqlite3` as `driver`: it runs on `node:sqlite` (or, on Node 20, on
 * `@photostructure/sqlite`), so that nothing needs a compiler. Errors carry `SQLITE_*` codes.
 */
export class SqliteDatabase extends AdaptedDatabase {
  static adapted(): SqliteModule {
    return sqliteModule();
  }

  constructor(path: string, options?: DatabaseOptions) {
    super(sqliteModule(), path, options);
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

/** The same on another module with that interface. */
export function adapt(module: SqliteModule): BetterSqlite3Driver {
  return class extends AdaptedDatabase {
    static adapted(): SqliteModule {
      return module;
    }

    constructor(path: string, options?: DatabaseOptions) {
      super(module, path, options);
    }
  };
}

class Statement implements BetterSqlite3Statement {
  readonly reader: boolean;
  readonly #statement: SqliteStatement;
  /** Held because the connection is closed once its Database object is collected, statements in use or not. */
  readonly database: AdaptedDatabase;

  constructor(database: AdaptedDatabase, statement: SqliteStatement, sql: string) {
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
