import type { Dialect } from "../database/dialect.ts";
import { SQLITE_COLUMNS } from "./columns.ts";
import { isReadOnly } from "./errors.ts";
import { SQLITE_KNOWN_PAGE } from "./known-page.ts";
import { SQLITE_MIGRATIONS } from "./migrations.ts";
import { SQLITE_WORD_INDEX } from "./word-index.ts";

const NOW = "strftime('%Y-%m-%d %H:%M:%f', 'now')";

/** The SQL of SQLite. Times are text, and BEGIN IMMEDIATE locks the whole file. */
export const SQLITE_DIALECT: Dialect = {
  columns: SQLITE_COLUMNS,
  migrations: SQLITE_MIGRATIONS,
  words: SQLITE_WORD_INDEX,
  now: NOW,
  nowPlus: NOW.replace("'now'", "'now', ?"),
  duration: (ms) => `${ms / 1000} seconds`,
  date: (expression, alias = expression) => `${expression} AS ${alias}`,
  exactText: (text) => text,
  forUpdate: "",
  forShare: "",
  // There are no statistics, and without them the whole maildrop would be read by its primary key.
  useIndex: (index) => ` INDEXED BY ${index}`,
  orderedJoin: { select: "SELECT", join: "CROSS JOIN" },
  overwrite: (key, columns) =>
    ` ON CONFLICT (${key.join(", ")}) DO UPDATE SET ${columns.map((column) => `${column} = excluded.${column}`).join(", ")}`,
  // SQLite's own shell does not look at foreign keys unless it is told to.
  foreignKeysHold: false,
  knownPage: SQLITE_KNOWN_PAGE,
  transactionsMayWait: false,
  leavesReading: isReadOnly,
  columnsThere:
    "SELECT m.name AS in_table, c.name AS is_column FROM sqlite_master m, pragma_table_info(m.name) c WHERE m.type = 'table'",
  schemaOf: () => '"main"',
};
