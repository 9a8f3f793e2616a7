import type { ColumnKinds } from "./columns.ts";

/** The column of a table's primary key that the database counts up. */
export function rowNumber(kinds: ColumnKinds, table: string) {
  return {
    ...kinds.integer,
    primary: true,
    generated: "increment" as const,
    primaryKeyConstraintName: `${table}_pk`,
  };
}
