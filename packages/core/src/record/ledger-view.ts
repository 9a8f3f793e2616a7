import { classOf } from "../listing/candidate.ts";
import type { Entries } from "../listing/entries.ts";
import { isClassKey } from "../message/identity.ts";
import { equalOctets, latin1 } from "../message/octets.ts";
import type { LedgerTransaction, NewMessage, StoredCopy } from "../ports/ledger.ts";
import type { LedgerEntry } from "../ports/ledger-entry.ts";
import { append } from "../select/append.ts";
import type { Arrival } from "./arrival.ts";
import { RowWrites } from "./row-writes.ts";

/**
 * The rows and stored copies that settling a batch needs, as they are and as the batch changes them. Read in a few
 * queries, written in a few more.
 */
export class LedgerView {
  readonly #entries: Entries;
  readonly #rows = new Map<string, LedgerEntry>();
  readonly #classRows: LedgerEntry[] = [];
  readonly #copies = new Map<string, StoredCopy[]>();
  readonly #naming = new Map<string, LedgerEntry[]>();
  readonly #writes = new RowWrites();
  readonly #messages: NewMessage[] = [];

  constructor(entries: Entries) {
    this.#entries = entries;
  }

  /** Reads what these arrivals may touch. Left out, everything counts as not there, and a duplicate key tells otherwise. */
  async read(ledger: LedgerTransaction, arrivals: readonly Arrival[]): Promise<void> {
    const keys = arrivals.flatMap(({ candidate }) => candidate.identity ?? candidate.group?.key ?? []);
    const ids = arrivals.flatMap(({ candidate }) => classOf(candidate, null).uniqueIdKey ?? []);
    for (const row of await ledger.entries([...keys, ...ids])) this.#rows.set(latin1(row.identity), row);
    append(this.#classRows, await ledger.classEntries(ids));
    const copies = await ledger.copies(arrivals.map(({ digests }) => digests.digest));
    for (const copy of copies) this.copiesOf(copy.digest).push(copy);
    for (const list of this.#copies.values()) list.sort((a, b) => a.copy - b.copy);
    if (copies.length === 0) return;
    const naming = await ledger.entriesNaming(copies.map(({ messageId }) => messageId));
    for (const row of naming) this.#name(row);
    const classIds = naming.flatMap(({ classUniqueId }) => classUniqueId ?? []);
    if (classIds.length > 0)
      for (const row of await ledger.entries(classIds)) this.#rows.set(latin1(row.identity), row);
  }

  /** The row of this key. */
  row(identity: Uint8Array): LedgerEntry | null {
    return this.#rows.get(latin1(identity)) ?? null;
  }

  /** The class rows of this unique-id (key form). */
  classRows(uniqueId: Uint8Array | null): readonly LedgerEntry[] {
    if (uniqueId === null) return [];
    return this.#classRows.filter(
      ({ classUniqueId }) => classUniqueId !== null && equalOctets(classUniqueId, uniqueId),
    );
  }

  /** The row of a class's key, by whichever way it was read. */
  classRow(key: Uint8Array): LedgerEntry | null {
    return this.row(key) ?? this.#classRows.find(({ identity }) => equalOctets(identity, key)) ?? null;
  }

  /** The stored copies of a content, in order. */
  copiesOf(digest: Uint8Array): StoredCopy[] {
    const key = latin1(digest);
    const copies = this.#copies.get(key) ?? [];
    this.#copies.set(key, copies);
    return copies;
  }

  /** True if another usable unique-id of this listing stands for the message. */
  isTaken(messageId: string, own: Uint8Array): boolean {
    return (this.#naming.get(messageId) ?? []).some((row) => {
      const id = isClassKey(row.identity) ? row.classUniqueId : row.identity;
      if (id === null || equalOctets(id, own)) return false;
      const listed = this.#entries.find(id);
      if (listed === null || !listed.usable) return false;
      if (listed.correctedTo !== null) return listed.correctedTo === messageId;
      // A class row speaks for the id only where this run has found so, in this very transaction perhaps.
      if (isClassKey(row.identity)) return this.#writes.has(row.identity);
      return listed.confirmed || row.octets === null || row.octets === listed.octets;
    });
  }

  /** Stores the arrival's content as the next copy, and gives its id. */
  store({ digests, message }: Arrival): string {
    const copies = this.copiesOf(digests.digest);
    const copy = (copies.at(-1)?.copy ?? -1) + 1;
    this.#messages.push({ ...message, copy });
    copies.push({ messageId: message.id, digest: digests.digest, copy });
    return message.id;
  }

  /** Puts a row in place of `before`, which is what stands under its key now, null if nothing does. */
  put(row: LedgerEntry, before: LedgerEntry | null): void {
    this.#writes.put(row, before);
    if (before !== null && before.messageId !== null) {
      const others = (this.#naming.get(before.messageId) ?? []).filter(
        ({ identity }) => !equalOctets(identity, row.identity),
      );
      this.#naming.set(before.messageId, others);
    }
    this.#name(row);
    this.#rows.set(latin1(row.identity), row);
  }

  /** Writes all changes: messages first, then the rows that name them. */
  async write(ledger: LedgerTransaction): Promise<void> {
    if (this.#messages.length > 0) await ledger.insertMessages(this.#messages);
    await this.#writes.write(ledger);
  }

  #name(row: LedgerEntry): void {
    if (row.messageId === null) return;
    const rows = this.#naming.get(row.messageId);
    if (rows === undefined) this.#naming.set(row.messageId, [row]);
    else rows.push(row);
  }
}
