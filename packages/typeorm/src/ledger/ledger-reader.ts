import type { LedgerEntry } from "@mailonce/core";
import type { Dialect } from "../database/dialect.ts";
import type { Statements, Value } from "../database/gateway.ts";
import { keyLists } from "../database/key-lists.ts";
import type { TableNames } from "../schema/table-names.ts";
import { ledgerSelection, readLedgerEntry } from "./ledger-rows.ts";

/** The index that finds entries by a column. */
const INDEX = {
  identity: null,
  class_unique_id: "class_ix",
  message_id: "message_ix",
  header_digest: "header_ix",
} as const;

/** The entries of a maildrop of which `column` is one of the keys. */
export async function entriesWhere(
  statements: Statements,
  names: TableNames,
  maildropId: number,
  column: keyof typeof INDEX,
  keys: readonly Value[],
): Promise<readonly LedgerEntry[]> {
  const entries: LedgerEntry[] = [];
  const from = `${names.ledgerEntry}${useIndex(statements.dialect, names, INDEX[column])}`;
  for (const list of keyLists(keys)) {
    const rows = await statements.rows(
      `SELECT ${ledgerSelection(statements.dialect)} FROM ${from}
       WHERE maildrop_id = ? AND ${column} IN ${list.sql}`,
      [maildropId, ...list.values],
    );
    for (const row of rows) entries.push(readLedgerEntry(row));
  }
  return entries;
}

/**
 * SQLite knows no statistics here and reads the whole maildrop by its primary key otherwise; MySQL goes by statistics
 * that may be out of date when a list is long.
 */
function useIndex(dialect: Dialect, names: TableNames, index: string | null): string {
  if (index === null) return "";
  const name = `${names.ledgerEntry}_${index}`;
  return dialect === "sqlite" ? ` INDEXED BY ${name}` : ` FORCE INDEX (${name})`;
}
