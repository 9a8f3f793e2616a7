import type { DataSource, Logger } from "typeorm";
import { expectMilliseconds } from "../arguments/expect-arguments.ts";
import { type SchemaReport, schemaReport } from "../migrations/schema-report.ts";
import type { TableNames } from "../schema/table-names.ts";
import type { Gateway } from "./gateway.ts";

/** How long a locked SQLite file, or a free connection of the pool, is waited for. */
const DEFAULT_PATIENCE_MS = 30_000;

/** How long the answer to one statement is waited for: longer than a server's own limit for locks (50 s). */
const DEFAULT_ANSWER_MS = 120_000;

/** How long a database is waited for, in milliseconds. */
export interface Patience {
  /** For a file that another process has locked, for a free connection of the pool, for another process's migration. */
  readonly patienceMs: number;
  /** For a server's answer to one statement. */
  readonly answerMs: number;
}

type Class = new (...parameters: never[]) => object;

/**
 * An SQLite library as its users import it: `better-sqlite3` (what it exports), `node:sqlite` or
 * `@photostructure/sqlite` (the module, or its class `DatabaseSync`), or one that behaves like either.
 */
export type SqliteLibrary = Class | { readonly DatabaseSync: Class } | { readonly default: SqliteLibrary };

/** What a store is opened with, beside the URL that says where it is. */
export interface Opening {
  readonly names: TableNames;
  readonly patience: Patience;
  /** Of a server's user, where the URL has none. */
  readonly password: string | undefined;
  /** The SQLite library to work with; the store's own if absent. */
  readonly driver: SqliteLibrary | undefined;
  /** Whether the folders of an SQLite file are made if they are missing. */
  readonly createFolder: boolean;
  /** Called if the SQLite file had no store in it, and has one now. */
  readonly onNewFile: ((file: string) => void) | undefined;
}

/** A store's own DataSource, and the way to it. */
export interface Opened {
  readonly dataSource: DataSource;
  readonly gateway: Gateway;
}

/** The waiting times of options, filled in. @throws ArgumentError */
export function patienceOf(options: Partial<Patience>): Patience {
  const { patienceMs = DEFAULT_PATIENCE_MS, answerMs = DEFAULT_ANSWER_MS } = options;
  expectMilliseconds("patienceMs", patienceMs, 0);
  expectMilliseconds("answerMs", answerMs, 0);
  return { patienceMs, answerMs };
}

/** How far the tables of an opened database are. */
export function schemaOf(gateway: Gateway, names: TableNames): Promise<SchemaReport> {
  return schemaReport(names, (sql) => gateway.read((statements) => statements.rows(sql, [])));
}

/** TypeORM writes a failed migration to standard output, whatever `logging` says; the error is thrown besides. */
export const SILENT_LOGGER: Logger = {
  logQuery: () => {},
  logQueryError: () => {},
  logQuerySlow: () => {},
  logSchemaBuild: () => {},
  logMigration: () => {},
  log: () => {},
};
