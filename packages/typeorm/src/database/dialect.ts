import { MailonceError } from "@mailonce/core";

/** The databases that the store can live in. MySQL and MariaDB differ in how TypeORM compares schemas. */
export type Dialect = "mysql" | "mariadb" | "sqlite";

/**
 * The dialect of a TypeORM DataSource `type`.
 *
 * @throws MailonceError (`store-unsupported`) for any other database than MySQL, MariaDB and better-sqlite3.
 */
export function dialectOf(type: string): Dialect {
  if (type === "mysql" || type === "mariadb") return type;
  if (type === "better-sqlite3") return "sqlite";
  throw new MailonceError(
    "store-unsupported",
    `Mailonce stores in DataSources of the types mysql, mariadb and better-sqlite3, not ${type}.`,
  );
}

/**
 * A datetime column in a select list. MySQL's drivers would turn it into a Date by the connection's time zone, which
 * in a user's own DataSource is any; as text it is what was written, UTC.
 */
export function selectedDate(dialect: Dialect, column: string, alias = column): string {
  return dialect === "sqlite" ? `${column} AS ${alias}` : `CAST(${column} AS CHAR) AS ${alias}`;
}
