import type { Dialect } from "../database/dialect.ts";
import type { TableNames } from "../schema/table-names.ts";

/**
 * The statements that bring what is known of a message's header columns: what made them, how sure its date is, and whether
 * there is more in it than text. Null in rows of earlier versions. History: change no statement here, write another
 * migration.
 */
export function addHeaderColumns(dialect: Dialect, { message }: TableNames): readonly string[] {
  const [integer, flag] = dialect === "sqlite" ? ["integer", "boolean"] : ["int", "tinyint(1)"];
  return [`decoder ${integer}`, "date_kind varchar(10)", `attachments ${flag}`].map(
    (column) => `ALTER TABLE ${message} ADD COLUMN ${column} NULL`,
  );
}

/** Nothing: earlier versions work with these columns, too. */
export function keepHeaderColumns(): readonly string[] {
  return [];
}
