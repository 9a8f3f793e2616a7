import type { Statements } from "../database/gateway.ts";
import { insertOf } from "../database/row-inserter.ts";
import type { Row } from "../values/row.ts";
import type { BetterSqlite3Statement } from "./better-sqlite3-adapter.ts";
import { sqliteError } from "./errors.ts";

/** Statements on a connection that prepares each of them once. */
interface Prepared extends Pick<Statements, "dialect" | "statementOctets"> {
  prepare(sql: string): BetterSqlite3Statement;
}

/**
 * Statements within a transaction: it holds the lock, so nothing is waited for.
 *
 * @param place for people
 */
export function lockedStatements(connection: Prepared, place: string): Statements {
  const atOnce = <T>(statement: () => T): T => {
    try {
      return statement();
    } catch (error) {
      throw sqliteError(error, place);
    }
  };
  return {
    dialect: connection.dialect,
    statementOctets: connection.statementOctets,
    rows: async (sql, values) => atOnce(() => connection.prepare(sql).all(...values) as Row[]),
    run: async (sql, values) => atOnce(() => connection.prepare(sql).run(...values).changes),
    // A statement for each row. One for many could fail at the last of them, and for the case SQLite keeps a copy of every
    // page that it changes; and it would have all their values in memory at the same time.
    inserter: (target) => {
      let statement: BetterSqlite3Statement | null = null;
      return {
        add: (row) => {
          // No function is made for each row: there are thousands.
          try {
            statement ??= connection.prepare(insertOf(target, 1));
            statement.run(...row);
          } catch (error) {
            throw sqliteError(error, place);
          }
          return undefined;
        },
        flush: () => undefined,
      };
    },
  };
}
