import type { ColumnKinds } from "./columns.ts";
import type { TableNames } from "./table-names.ts";

/** The column of a table's primary key that names the maildrop. */
export function maildropKey(kinds: ColumnKinds, table: string) {
  return {
    ...kinds.integer,
    name: "maildrop_id",
    primary: true,
    primaryKeyConstraintName: `${table}_pk`,
  } as const;
}

/** The foreign key of a table whose rows belong to a maildrop. */
export function ofMaildrop(names: TableNames, table: string) {
  return {
    name: `${table}_maildrop_fk`,
    target: names.maildrop,
    columnNames: ["maildropId"],
    referencedColumnNames: ["id"],
  };
}

/** The same where they go with it. */
export function goingWithMaildrop(names: TableNames, table: string) {
  return { ...ofMaildrop(names, table), onDelete: "CASCADE" as const };
}
