import type { KnownEntry, LedgerEntry } from "@mailonce/core";
import type { Gateway, Statements, Value } from "./gateway.ts";
import { keyLists } from "./key-lists.ts";
import { knownSelection, ledgerSelection, readKnownEntry, readLedgerEntry } from "./ledger-rows.ts";
import type { TableNames } from "./table-names.ts";

/** Ledger entries in a block of {@link knownEntries}. */
const BLOCK = 5000;

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

/**
 * All entries of a maildrop, in the order of their identities. Paged by key rather than streamed, so that neither a
 * connection of the pool nor SQLite's one connection is held while the caller thinks.
 */
export async function* knownEntries(
  gateway: Gateway,
  names: TableNames,
  maildropId: number,
): AsyncGenerator<readonly KnownEntry[]> {
  let after: Uint8Array = new Uint8Array(0);
  for (;;) {
    const last = after;
    const rows = await gateway.read((statements) =>
      statements.rows(
        `SELECT ${knownSelection(statements.dialect)} FROM ${names.ledgerEntry}
         WHERE maildrop_id = ? AND identity > ? ORDER BY identity LIMIT ${BLOCK}`,
        [maildropId, last],
      ),
    );
    const block = rows.map(readKnownEntry);
    const end = block[block.length - 1];
    if (end === undefined) return;
    yield block;
    if (block.length < BLOCK) return;
    after = end.identity;
  }
}
