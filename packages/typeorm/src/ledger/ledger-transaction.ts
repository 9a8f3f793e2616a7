import type { LedgerEntry, LedgerTransaction, MaildropFacts, NewMessage, StoredCopy } from "@mailonce/core";
import { expectList, expectObject, expectOctets, expectOctetsList } from "../arguments/expect-arguments.ts";
import type { Statements } from "../database/gateway.ts";
import { keyLists } from "../database/key-lists.ts";
import { insertRows } from "../database/row-inserter.ts";
import { ChunkWriter, messageChunks } from "../messages/message-chunks.ts";
import { MESSAGE_COLUMNS, messageValues } from "../messages/message-rows.ts";
import type { SyncContents } from "../messages/sync-contents.ts";
import { insertOutboxRows } from "../outbox/outbox-rows.ts";
import type { TableNames } from "../schema/table-names.ts";
import { compareOctets, octetsOf } from "../values/octets.ts";
import { octetsToUuid, uuidToOctets } from "../values/uuid-octets.ts";
import { entriesWhere } from "./ledger-reader.ts";
import { LEDGER_COLUMNS, ledgerValues } from "./ledger-rows.ts";
import { maildropValues } from "./maildrop-rows.ts";

const KEY: readonly string[] = ["maildrop_id", "identity"];
/** The columns that {@link SqlLedgerTransaction.updateEntries} writes. */
const OVERWRITTEN = LEDGER_COLUMNS.filter((column) => ![...KEY, "first_seen_at"].includes(column));

/** The core's transaction, on the statements of a database transaction. */
export class SqlLedgerTransaction implements LedgerTransaction {
  readonly #statements: Statements;
  readonly #names: TableNames;
  readonly #maildropId: number;
  readonly #contents: SyncContents | null;

  /** @param contents where to read contents if the transaction must not wait for them; null: it may wait */
  constructor(statements: Statements, names: TableNames, maildropId: number, contents: SyncContents | null) {
    this.#statements = statements;
    this.#names = names;
    this.#maildropId = maildropId;
    this.#contents = contents;
  }

  async entries(identities: readonly Uint8Array[]): Promise<readonly LedgerEntry[]> {
    expectOctetsList("identities", identities);
    return entriesWhere(this.#statements, this.#names, this.#maildropId, "identity", identities);
  }

  async classEntries(uniqueIds: readonly Uint8Array[]): Promise<readonly LedgerEntry[]> {
    expectOctetsList("uniqueIds", uniqueIds);
    return entriesWhere(this.#statements, this.#names, this.#maildropId, "class_unique_id", uniqueIds);
  }

  async entriesNaming(messageIds: readonly string[]): Promise<readonly LedgerEntry[]> {
    expectList("messageIds", messageIds);
    const ids = messageIds.map((id) => uuidToOctets(id, "messageIds[…]"));
    return entriesWhere(this.#statements, this.#names, this.#maildropId, "message_id", ids);
  }

  async entriesWithHeader(headerDigests: readonly Uint8Array[]): Promise<readonly LedgerEntry[]> {
    expectOctetsList("headerDigests", headerDigests);
    return entriesWhere(this.#statements, this.#names, this.#maildropId, "header_digest", headerDigests);
  }

  async copies(digests: readonly Uint8Array[]): Promise<readonly StoredCopy[]> {
    expectOctetsList("digests", digests);
    const copies: StoredCopy[] = [];
    for (const list of keyLists(digests)) {
      const rows = await this.#statements.rows(
        `SELECT id, digest, copy_number FROM ${this.#names.message} WHERE maildrop_id = ? AND digest IN ${list.sql}`,
        [this.#maildropId, ...list.values],
      );
      for (const row of rows) {
        copies.push({
          messageId: octetsToUuid(octetsOf(row["id"])),
          digest: octetsOf(row["digest"]),
          copy: Number(row["copy_number"]),
        });
      }
    }
    return copies;
  }

  async insertMessages(messages: readonly NewMessage[]): Promise<void> {
    expectList("messages", messages);
    for (const message of messages) expectMessage(message);
    this.#contents?.need(messages.map(({ content }) => content));
    const sorted = messages.toSorted((one, other) => (one.id < other.id ? -1 : 1));
    const rows = sorted.map((message) => messageValues(this.#maildropId, message));
    await insertRows(this.#statements, { table: this.#names.message, columns: MESSAGE_COLUMNS }, rows);
    if (sorted.some(({ hooks = [] }) => hooks.length > 0))
      await insertOutboxRows(this.#statements, this.#names, this.#maildropId, sorted);
    const chunks = new ChunkWriter(this.#statements, messageChunks(this.#names), this.#contents);
    for (const { id, octets, content } of sorted) {
      const written = chunks.write(uuidToOctets(id), octets, content);
      if (written !== undefined) await written;
    }
    await chunks.flush();
  }

  async insertEntries(entries: readonly LedgerEntry[]): Promise<void> {
    expectEntries(entries);
    await this.#writeEntries(entries, "");
  }

  async updateEntries(entries: readonly LedgerEntry[]): Promise<void> {
    expectEntries(entries);
    // An INSERT that overwrites the rows with the same keys writes many rows in one statement. It would also add those
    // that are missing, so only those are given to it that are there; the maildrop's lock keeps it so meanwhile.
    const there = await this.#identitiesThere(entries);
    await this.#writeEntries(
      entries.filter(({ identity }) => there.has(hex(identity))),
      this.#statements.dialect.overwrite(KEY, OVERWRITTEN),
    );
  }

  async rejectEntries(identities: readonly Uint8Array[], criteriaDigest: Uint8Array | null): Promise<void> {
    expectOctetsList("identities", identities);
    for (const list of keyLists(identities)) {
      await this.#statements.run(
        `UPDATE ${this.#names.ledgerEntry} SET criteria_digest = ? WHERE maildrop_id = ? AND identity IN ${list.sql}`,
        [criteriaDigest, this.#maildropId, ...list.values],
      );
    }
  }

  async deleteEntries(identities: readonly Uint8Array[]): Promise<void> {
    expectOctetsList("identities", identities);
    for (const list of keyLists(identities)) {
      await this.#statements.run(
        `DELETE FROM ${this.#names.ledgerEntry} WHERE maildrop_id = ? AND identity IN ${list.sql}`,
        [this.#maildropId, ...list.values],
      );
    }
  }

  async updateMaildrop(change: Partial<MaildropFacts>): Promise<void> {
    expectObject("change", change);
    const values = maildropValues(change);
    if (values.length === 0) return;
    await this.#statements.run(
      `UPDATE ${this.#names.maildrop} SET ${values.map(([column]) => `${column} = ?`).join(", ")} WHERE id = ?`,
      [...values.map(([, value]) => value), this.#maildropId],
    );
  }

  /** The identities that have a row, in hexadecimal digits. */
  async #identitiesThere(entries: readonly LedgerEntry[]): Promise<ReadonlySet<string>> {
    const there = new Set<string>();
    for (const list of keyLists(entries.map(({ identity }) => identity))) {
      const rows = await this.#statements.rows(
        `SELECT identity FROM ${this.#names.ledgerEntry} WHERE maildrop_id = ? AND identity IN ${list.sql}`,
        [this.#maildropId, ...list.values],
      );
      for (const { identity } of rows) there.add(hex(octetsOf(identity)));
    }
    return there;
  }

  async #writeEntries(entries: readonly LedgerEntry[], suffix: string): Promise<void> {
    const sorted = entries.toSorted((one, other) => compareOctets(one.identity, other.identity));
    const rows = sorted.map((entry) => ledgerValues(this.#maildropId, entry));
    const target = { table: this.#names.ledgerEntry, columns: LEDGER_COLUMNS, suffix };
    await insertRows(this.#statements, target, rows);
  }
}

function expectEntries(entries: readonly LedgerEntry[]): void {
  expectList("entries", entries);
  for (const entry of entries) {
    expectObject("entries[…]", entry);
    expectOctets("entries[…].identity", entry.identity);
  }
}

function expectMessage(message: NewMessage): void {
  expectObject("messages[…]", message);
  expectOctets("messages[…].digest", message.digest);
  expectObject("messages[…].content", message.content);
}

function hex(octets: Uint8Array): string {
  return Buffer.from(octets.buffer, octets.byteOffset, octets.byteLength).toString("hex");
}
