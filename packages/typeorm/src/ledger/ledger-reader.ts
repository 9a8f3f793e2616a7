import type { LedgerEntry } from "@mailonce/core";
import { expectMaildropId, expectOctetsList } from "../arguments/expect-arguments.ts";
import type { Gateway, Statements } from "../database/gateway.ts";
import { keyLists } from "../database/key-lists.ts";
import type { TableNames } from "../schema/table-names.ts";
import type { Value } from "../values/row.ts";
import { ledgerSelection, readLedgerEntry } from "./ledger-rows.ts";

/** The index that finds entries by a column; null: the primary key, which every database takes by itself. */
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
  const { dialect } = statements;
  const index = INDEX[column];
  const hint = index === null ? "" : dialect.useIndex(`${names.ledgerEntry}_${index}`);
  for (const list of keyLists(keys)) {
    const rows = await statements.rows(
      `SELECT ${ledgerSelection(dialect)} FROM ${names.ledgerEntry}${hint}
       WHERE maildrop_id = ? AND ${column} IN ${list.sql}`,
      [maildropId, ...list.values],
    );
    for (const row of rows) entries.push(readLedgerEntry(row));
  }
  return entries;
}

/** The entries with one of these header digests, in any order. */
export async function entriesWithHeader(
  gateway: Gateway,
  names: TableNames,
  maildropId: number,
  headerDigests: readonly Uint8Array[],
): Promise<readonly LedgerEntry[]> {
  expectMaildropId(maildropId);
  expectOctetsList("headerDigests", headerDigests);
  return gateway.read((statements) =>
    entriesWhere(statements, names, maildropId, "header_digest", headerDigests),
  );
}

/** The entries of these identities, in any order. */
export async function entriesOf(
  gateway: Gateway,
  names: TableNames,
  maildropId: number,
  identities: readonly Uint8Array[],
): Promise<readonly LedgerEntry[]> {
  expectMaildropId(maildropId);
  expectOctetsList("identities", identities);
  return gateway.read((statements) => entriesWhere(statements, names, maildropId, "identity", identities));
}
