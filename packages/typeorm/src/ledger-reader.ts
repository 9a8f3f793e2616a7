import type { LedgerEntry } from "@mailonce/core";
import type { Statements, Value } from "./gateway.ts";
import { keyLists } from "./key-lists.ts";
import { ledgerSelection, readLedgerEntry } from "./ledger-rows.ts";
import type { TableNames } from "./table-names.ts";

/** The entries of a maildrop of which `column` is one of the keys. */
export async function entriesWhere(
  statements: Statements,
  names: TableNames,
  maildropId: number,
  column: "identity" | "class_unique_id" | "message_id" | "header_digest",
  keys: readonly Value[],
): Promise<readonly LedgerEntry[]> {
  const entries: LedgerEntry[] = [];
  for (const list of keyLists(keys)) {
    const rows = await statements.rows(
      `SELECT ${ledgerSelection(statements.dialect)} FROM ${names.ledgerEntry}
       WHERE maildrop_id = ? AND ${column} IN ${list.sql}`,
      [maildropId, ...list.values],
    );
    for (const row of rows) entries.push(readLedgerEntry(row));
  }
  return entries;
}
