import type { EntitySchemaOptions } from "typeorm";
import type { ColumnKinds } from "./columns.ts";
import { leaseColumns } from "./lease-columns.ts";
import type { ExportedMessageRecord, ExportRecord } from "./records.ts";
import { rowNumber } from "./row-number.ts";
import type { TableNames } from "./table-names.ts";

/** `export`: the exports of what is new, each by its name. */
export function exportSchema(kinds: ColumnKinds, names: TableNames): EntitySchemaOptions<ExportRecord> {
  const table = names.export;
  return {
    name: table,
    tableName: table,
    columns: {
      id: rowNumber(kinds, table),
      name: kinds.exactText(512),
      format: { ...kinds.text(10), nullable: true },
      path: { ...kinds.longText, nullable: true },
      fileOctets: { ...kinds.octets, name: "file_octets" },
      fileMark: { ...kinds.text(100), name: "file_mark", nullable: true },
      endedCleanly: { ...kinds.flag, name: "ended_cleanly" },
      ...leaseColumns(kinds),
    },
    uniques: [{ name: `${table}_name_uq`, columns: ["name"] }],
  };
}

/** `exported_message`: which messages an export has had. */
export function exportedMessageSchema(
  kinds: ColumnKinds,
  names: TableNames,
): EntitySchemaOptions<ExportedMessageRecord> {
  const table = names.exportedMessage;
  const key = { primary: true, primaryKeyConstraintName: `${table}_pk` };
  return {
    name: table,
    tableName: table,
    withoutRowid: true,
    columns: {
      exportId: { ...kinds.integer, ...key, name: "export_id" },
      messageId: { ...kinds.uuid, ...key, name: "message_id" },
    },
  };
}
