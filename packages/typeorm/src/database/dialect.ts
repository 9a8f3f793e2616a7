import type { MigrationStatements } from "../migrations/steps.ts";
import type { ColumnKinds } from "../schema/columns.ts";
import type { Value } from "../values/row.ts";
import type { KnownPage } from "./known-page.ts";
import type { WordIndex } from "./word-index.ts";

/**
 * How one kind of database wants its tables and statements, wherever kinds differ. Statements that all kinds understand are
 * written where they are used, with `?` for each value; a gateway turns that into what its driver takes.
 *
 * A dialect is constant. It is asked once for a statement, never once for a row.
 */
export interface Dialect {
  /** The types of the tables' columns. */
  readonly columns: ColumnKinds;
  /** The statements of each migration. */
  readonly migrations: MigrationStatements;
  /** How messages are found by their words. */
  readonly words: WordIndex;

  /** The database's present time (UTC), to be compared with columns: who shares a database need not share a clock. */
  readonly now: string;
  /** A time so much later than {@link now}; its one placeholder takes a {@link duration}. */
  readonly nowPlus: string;
  /** What the placeholder of {@link nowPlus} takes. */
  duration(ms: number): Value;
  /**
   * A time in a select list, as the text that `storedDate` writes. Without it some drivers make a Date of it, by the
   * connection's time zone, which in a program's own DataSource is any.
   *
   * @param alias what the column of the result is called; like the expression unless given
   */
  date(expression: string, alias?: string): string;
  /** A text for a column whose texts differ in case and in trailing spaces. */
  exactText(text: string): Value;

  /**
   * Ends a select whose rows are to be locked until the transaction ends. Empty where a transaction that may write has
   * the whole database for itself.
   */
  readonly forUpdate: string;
  /** The same for rows that others may still read and refer to, but not change or remove. */
  readonly forShare: string;
  /** Follows a table in a FROM clause: its rows are to be found by this index. Empty where the database finds it itself. */
  useIndex(index: string): string;
  /** The words of a select that reads the tables of its join in the order in which they are written. */
  readonly orderedJoin: { readonly select: string; readonly join: string };
  /** Ends an INSERT: where a row has the same primary key (`key`), it gets the new values of these columns instead. */
  overwrite(key: readonly string[], columns: readonly string[]): string;
  /** True: nobody leaves a row behind whose foreign key names nothing. False: connections that do not look may do so. */
  readonly foreignKeysHold: boolean;
  /** How a page of known entries is asked for and read. */
  readonly knownPage: KnownPage;

  /** True: a transaction may wait for other things than its own statements, such as the content of a message. */
  readonly transactionsMayWait: boolean;
  /** Whether a transaction failed to begin for a reason that leaves reading possible: missing rights, a read-only server. */
  leavesReading(error: unknown): boolean;

  /** A select of all columns that there are, each with its table: `in_table`, `is_column`. */
  readonly columnsThere: string;
  /** The qualifier, as SQL wants it, of the tables of the database of this name. */
  schemaOf(database: string): string;
}
