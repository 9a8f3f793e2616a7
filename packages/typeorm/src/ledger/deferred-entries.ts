import type { LedgerEntry } from "@mailonce/core";
import { expectMaildropId } from "../arguments/expect-arguments.ts";
import type { Gateway } from "../database/gateway.ts";
import type { TableNames } from "../schema/table-names.ts";
import { ledgerSelection, readLedgerEntry } from "./ledger-rows.ts";

/** Entries in a block. */
const BLOCK = 500;

/** The entries of a maildrop that are deferred, or settled with failed attempts since; paged by key. */
export async function* deferredEntries(
  gateway: Gateway,
  names: TableNames,
  maildropId: number,
): AsyncGenerator<readonly LedgerEntry[]> {
  expectMaildropId(maildropId);
  const select = `SELECT ${ledgerSelection(gateway.dialect)} FROM ${names.ledgerEntry}
    WHERE maildrop_id = ? AND identity > ? AND (disposition = 'deferred' OR attempts > 0)
    ORDER BY identity LIMIT ${BLOCK}`;
  for (let after: Uint8Array | undefined = new Uint8Array(0); after !== undefined; ) {
    const values = [maildropId, after];
    const rows = await gateway.read((statements) => statements.rows(select, values));
    const entries: readonly LedgerEntry[] = rows.map(readLedgerEntry);
    if (entries.length > 0) yield entries;
    after = entries[BLOCK - 1]?.identity;
  }
}
