import type { Dialect } from "../database/dialect.ts";
import { MYSQL_COLUMNS } from "./columns.ts";
import { isReadOnly } from "./errors.ts";
import { MYSQL_KNOWN_PAGE } from "./known-page.ts";
import { MYSQL_MIGRATIONS } from "./migrations.ts";
import { MYSQL_WORD_INDEX } from "./word-index.ts";

/** The SQL of MySQL and MariaDB: what the store says to either, the other understands as well. */
export const MYSQL_DIALECT: Dialect = {
  columns: MYSQL_COLUMNS,
  migrations: MYSQL_MIGRATIONS,
  words: MYSQL_WORD_INDEX,
  now: "UTC_TIMESTAMP(3)",
  nowPlus: "UTC_TIMESTAMP(3) + INTERVAL ? MICROSECOND",
  duration: (ms) => ms * 1000,
  date: (expression, alias = expression) => `CAST(${expression} AS CHAR) AS ${alias}`,
  // Octets: text columns ignore case and trailing spaces.
  exactText: (text) => Buffer.from(text),
  forUpdate: " FOR UPDATE",
  // MySQL knows it, too; MariaDB does not know FOR SHARE.
  forShare: " LOCK IN SHARE MODE",
  // The statistics by which an index is chosen may be out of date when a list is long.
  useIndex: (index) => ` FORCE INDEX (${index})`,
  orderedJoin: { select: "SELECT STRAIGHT_JOIN", join: "JOIN" },
  // VALUES() is the one form that both take.
  overwrite: (_key, columns) =>
    ` ON DUPLICATE KEY UPDATE ${columns.map((column) => `${column} = VALUES(${column})`).join(", ")}`,
  foreignKeysHold: true,
  knownPage: MYSQL_KNOWN_PAGE,
  transactionsMayWait: true,
  leavesReading: isReadOnly,
  columnsThere:
    "SELECT table_name AS in_table, column_name AS is_column FROM information_schema.columns WHERE table_schema = DATABASE()",
  schemaOf: (database) => `\`${database.replaceAll("`", "``")}\``,
};
