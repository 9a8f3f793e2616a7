import type { TableNames } from "../schema/table-names.ts";
import type { Statements } from "./gateway.ts";

/** The id of the maildrop of this name; null if there is none. */
export async function maildropIdOf(
  statements: Statements,
  names: TableNames,
  name: string,
): Promise<number | null> {
  const select = `SELECT id FROM ${names.maildrop} WHERE name = ?`;
  const [row] = await statements.rows(select, [statements.dialect.exactText(name)]);
  return row === undefined ? null : Number(row["id"]);
}
