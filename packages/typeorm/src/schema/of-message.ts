import type { TableNames } from "./table-names.ts";

/** The foreign key of a table whose rows belong to a message, and go with it. */
export function ofMessage(names: TableNames, table: string) {
  return {
    name: `${table}_message_fk`,
    target: names.message,
    columnNames: ["messageId"],
    referencedColumnNames: ["id"],
    onDelete: "CASCADE" as const,
  };
}
