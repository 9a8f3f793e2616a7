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
 * The part of the ledger that settling a batch needs: rows and stored messages, read in a few queries. The batch changes
 * them here, and sees its own changes; `write` then writes them in a few calls.
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

  /** Reads all that these arrivals may touch. If it is not called, the ledger counts as empty; see `readFirst`. */
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

  row(identity: Uint8Array): LedgerEntry | null {
    return this.#rows.get(latin1(identity)) ?? null;
  }

  /** The class rows of the unique-id with this key. */
  classRows(uniqueId: Uint8Array | null): readonly LedgerEntry[] {
    if (uniqueId === null) return [];
    return this.#classRows.filter(
      ({ classUniqueId }) => classUniqueId !== null && equalOctets(classUniqueId, uniqueId),
    );
  }

  /** The row of this class key, whether it was read by its key or by its unique-id; null if there is none. */
  classRow(key: Uint8Array): LedgerEntry | null {
    return this.row(key) ?? this.#classRows.find(({ identity }) => equalOctets(identity, key)) ?? null;
  }

  /** The stored messages with this digest, in the order of `copy`. */
  copiesOf(digest: Uint8Array): StoredCopy[] {
    const key = latin1(digest);
    const copies = this.#copies.get(key) ?? [];
    this.#copies.set(key, copies);
    return copies;
  }

  /** True if a usable unique-id of this listing, other than that of the key `own`, stands for the message (rule 16). */
  isTaken(messageId: string, own: Uint8Array): boolean {
    return (this.#naming.get(messageId) ?? []).some((row) => {
      const id = isClassKey(row.identity) ? row.classUniqueId : row.identity;
      if (id === null || equalOctets(id, own)) return false;
      const listed = this.#entries.find(id);
      if (listed === null || !listed.usable) return false;
      if (listed.correctedTo !== null) return listed.correctedTo === messageId;
      // A class row stands for the unique-id only if this run has found that, perhaps in this very transaction.
      if (isClassKey(row.identity)) return this.#writes.has(row.identity);
      return listed.confirmed || row.octets === null || row.octets === listed.octets;
    });
  }

  /** Adds the arrival's content as a new message, the next copy of its digest. Gives the message's UUID. */
  addCopy({ digests, message }: Arrival): string {
    const copies = this.copiesOf(digests.digest);
    const copy = (copies.at(-1)?.copy ?? -1) + 1;
    this.#messages.push({ ...message, copy });
    copies.push({ messageId: message.id, digest: digests.digest, copy });
    return message.id;
  }

  /** Puts a row in place of `before`, the present row of its key; null if there is none. */
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

  /** Writes all changes: first the messages, then the rows, which refer to them. */
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
