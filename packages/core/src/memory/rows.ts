import { DuplicateKeyError } from "../errors.ts";
import { latin1 } from "../message/octets.ts";
import { type LeaseHolder, LONGEST_LEASE_MS } from "../ports/leases.ts";
import type { LedgerTransaction, NewMessage, StoredCopy } from "../ports/ledger.ts";
import type { LedgerEntry } from "../ports/ledger-entry.ts";
import type { Maildrop } from "../ports/maildrop.ts";

/** A stored message and its octets. */
interface MemoryMessage {
  readonly stored: NewMessage;
  readonly bytes: Uint8Array;
}

export class MaildropRows {
  row: Maildrop;
  lease: { readonly token: string; readonly owner: string; readonly expires: number } | null = null;
  readonly entries = new Map<string, LedgerEntry>();
  readonly messages = new Map<string, MemoryMessage>();
  readonly #copies = new Map<string, StoredCopy[]>();

  constructor(row: Maildrop) {
    this.row = row;
  }

  /** The maildrop as it is read: a run whose lease has expired, and was not given back, has not ended by itself. */
  seen(): Maildrop {
    const isUnderWay = this.lease === null || this.lease.expires > Date.now();
    return isUnderWay ? this.row : { ...this.row, endedCleanly: false };
  }

  leaseHolder(): LeaseHolder | null {
    if (this.lease === null) return null;
    const expiresInMs = this.lease.expires - Date.now();
    const isHeld = expiresInMs > 0 && expiresInMs <= LONGEST_LEASE_MS;
    return isHeld ? { owner: this.lease.owner, expiresInMs } : null;
  }

  /** Makes a transaction on this maildrop. For each of its changes it adds a function to `undo` that takes it back. */
  transaction(undo: (() => void)[]): LedgerTransaction {
    const matching = (test: (entry: LedgerEntry) => boolean): LedgerEntry[] =>
      [...this.entries.values()].filter(test);
    return {
      entries: async (identities) =>
        identities.flatMap((identity) => this.entries.get(latin1(identity)) ?? []),
      classEntries: async (uniqueIds) => {
        const ids = new Set(uniqueIds.map(latin1));
        return matching(({ classUniqueId }) => classUniqueId !== null && ids.has(latin1(classUniqueId)));
      },
      entriesNaming: async (messageIds) => {
        const ids = new Set(messageIds);
        return matching(({ messageId }) => messageId !== null && ids.has(messageId));
      },
      entriesWithHeader: async (headerDigests) => {
        const digests = new Set(headerDigests.map(latin1));
        return matching(({ headerDigest }) => headerDigest !== null && digests.has(latin1(headerDigest)));
      },
      copies: async (digests) =>
        [...new Set(digests.map(latin1))].flatMap((key) => this.#copies.get(key) ?? []),
      insertMessages: async (messages) => {
        for (const message of messages) await this.#insertMessage(message, undo);
      },
      insertEntries: async (entries) => {
        for (const entry of entries) {
          const key = latin1(entry.identity);
          if (this.entries.has(key))
            throw new DuplicateKeyError("there is a ledger entry of this identity already");
          this.entries.set(key, entry);
          undo.push(() => this.entries.delete(key));
        }
      },
      updateEntries: async (entries) => {
        for (const entry of entries) {
          const key = latin1(entry.identity);
          const before = this.entries.get(key);
          if (before === undefined) continue;
          this.entries.set(key, { ...entry, firstSeen: before.firstSeen });
          undo.push(() => this.entries.set(key, before));
        }
      },
      rejectEntries: async (identities, criteriaDigest) => {
        for (const key of identities.map(latin1)) {
          const before = this.entries.get(key);
          if (before === undefined) continue;
          this.entries.set(key, { ...before, criteriaDigest });
          undo.push(() => this.entries.set(key, before));
        }
      },
      deleteEntries: async (identities) => {
        for (const key of identities.map(latin1)) {
          const before = this.entries.get(key);
          if (before === undefined) continue;
          this.entries.delete(key);
          undo.push(() => this.entries.set(key, before));
        }
      },
      updateMaildrop: async (change) => {
        const before = this.row;
        this.row = { ...before, ...change };
        undo.push(() => {
          this.row = before;
        });
      },
    };
  }

  async #insertMessage(message: NewMessage, undo: (() => void)[]): Promise<void> {
    const key = latin1(message.digest);
    const copies = this.#copies.get(key) ?? [];
    if (this.messages.has(message.id) || copies.some(({ copy }) => copy === message.copy))
      throw new DuplicateKeyError("there is a message of this digest and copy already");
    const chunks: Uint8Array[] = [];
    for await (const chunk of message.content.read()) chunks.push(chunk);
    this.messages.set(message.id, { stored: message, bytes: Buffer.concat(chunks) });
    this.#copies.set(key, [...copies, { messageId: message.id, digest: message.digest, copy: message.copy }]);
    undo.push(() => {
      this.messages.delete(message.id);
      this.#copies.set(key, copies);
    });
  }
}
