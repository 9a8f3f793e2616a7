import { DuplicateKeyError, GuardFailedError, MailonceError } from "../errors.ts";
import { KnownBlock } from "../ports/known-block.ts";
import type { LeaseAnswer, LeaseEnd, LeaseHolder, LeaseRequest } from "../ports/leases.ts";
import type { Guard, LedgerTransaction } from "../ports/ledger.ts";
import type { LedgerEntry } from "../ports/ledger-entry.ts";
import { type Maildrop, NEW_MAILDROP } from "../ports/maildrop.ts";
import type { MessageQuery, StoredMessage } from "../ports/messages.ts";
import type { MessageStore } from "../ports/store.ts";
import { MaildropRows } from "./rows.ts";

const BLOCK = 1000;

/**
 * A store in memory, for tests and for trying things out. It shows what a {@link MessageStore} must do. Transactions run
 * one after another, and a failed one is undone. What it holds ends with the process.
 */
export class InMemoryStore implements MessageStore {
  readonly #maildrops = new Map<number, MaildropRows>();
  #last: Promise<unknown> = Promise.resolve();

  async findMaildrop(name: string): Promise<Maildrop | null> {
    return this.#find(name);
  }

  async openMaildrop(name: string): Promise<Maildrop> {
    const found = this.#find(name);
    if (found !== null) return found;
    const row = { id: this.#maildrops.size + 1, name, ...NEW_MAILDROP };
    this.#maildrops.set(row.id, new MaildropRows(row));
    return row;
  }

  async *knownEntries(maildropId: number): AsyncIterable<KnownBlock> {
    const entries = [...this.#maildrop(maildropId).entries.values()];
    for (let from = 0; from < entries.length; from += BLOCK) {
      const block = new KnownBlock(BLOCK);
      for (const entry of entries.slice(from, from + BLOCK))
        block.add({ ...entry, messageKey: entry.messageId === null ? null : uuidOctets(entry.messageId) });
      yield block;
    }
  }

  async entries(maildropId: number, identities: readonly Uint8Array[]): Promise<readonly LedgerEntry[]> {
    return this.#maildrop(maildropId).transaction([]).entries(identities);
  }

  async entriesWithHeader(
    maildropId: number,
    headerDigests: readonly Uint8Array[],
  ): Promise<readonly LedgerEntry[]> {
    return this.#maildrop(maildropId).transaction([]).entriesWithHeader(headerDigests);
  }

  async maildrops(): Promise<readonly Maildrop[]> {
    return [...this.#maildrops.values()]
      .map((rows) => rows.seen())
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  async *deferredEntries(maildropId: number): AsyncIterable<readonly LedgerEntry[]> {
    const { entries } = this.#maildrop(maildropId);
    yield [...entries.values()].filter(
      ({ disposition, attempts }) => disposition === "deferred" || attempts > 0,
    );
  }

  async acquireLease(maildropName: string, request: LeaseRequest): Promise<LeaseAnswer> {
    const isNew = this.#find(maildropName) === null;
    const { id } = await this.openMaildrop(maildropName);
    const maildrop = this.#maildrop(id);
    const isOther = maildrop.lease !== null && maildrop.lease.token !== request.token;
    const holder = isOther ? maildrop.leaseHolder() : null;
    if (holder !== null && !request.isDead(holder.owner)) return { kind: "held", holder };
    if (isOther) maildrop.row = { ...maildrop.row, endedCleanly: false };
    maildrop.lease = { token: request.token, owner: request.owner, expires: Date.now() + request.ttlMs };
    return { kind: "taken", maildrop: maildrop.row, isNew };
  }

  async renewLease(maildropId: number, token: string, ttlMs: number): Promise<boolean> {
    const maildrop = this.#maildrop(maildropId);
    if (maildrop.lease?.token !== token) return false;
    maildrop.lease = { ...maildrop.lease, expires: Date.now() + ttlMs };
    return true;
  }

  async releaseLease(maildropId: number, token: string, end?: LeaseEnd): Promise<void> {
    const maildrop = this.#maildrop(maildropId);
    if (maildrop.lease?.token !== token) return;
    maildrop.lease = null;
    if (end?.generation === maildrop.row.generation) maildrop.row = { ...maildrop.row, ...end.change };
  }

  async leaseHolder(maildropId: number): Promise<LeaseHolder | null> {
    return this.#maildrop(maildropId).leaseHolder();
  }

  async renameMaildrop(maildropId: number, name: string, leaseToken: string): Promise<void> {
    const maildrop = this.#maildrop(maildropId);
    if (maildrop.lease?.token !== leaseToken)
      throw new GuardFailedError("the lease of the maildrop is somebody else's");
    const other = this.#find(name);
    if (other !== null && other.id !== maildropId)
      throw new DuplicateKeyError("there is a maildrop of this name already");
    maildrop.row = { ...maildrop.row, name };
  }

  async transact<T>(
    maildropId: number,
    guard: Guard,
    work: (tx: LedgerTransaction) => Promise<T>,
  ): Promise<T> {
    const before = this.#last;
    let release = (): void => {};
    this.#last = new Promise<void>((resolve) => {
      release = resolve;
    });
    await before;
    const undo: (() => void)[] = [];
    try {
      const maildrop = this.#maildrop(maildropId);
      if (maildrop.row.generation !== guard.generation)
        throw new GuardFailedError("the maildrop was changed by somebody else");
      if (guard.leaseToken !== null && maildrop.lease?.token !== guard.leaseToken)
        throw new GuardFailedError("the lease of the maildrop is somebody else's");
      return await work(maildrop.transaction(undo));
    } catch (error) {
      for (const step of undo.reverse()) step();
      throw error;
    } finally {
      release();
    }
  }

  async *messages({
    maildrop,
    limit = Number.POSITIVE_INFINITY,
    order = "stored",
  }: MessageQuery = {}): AsyncIterable<StoredMessage> {
    const moment = ({ date, storedAt }: StoredMessage): number =>
      order === "stored" ? 0 : (date ?? storedAt).getTime();
    const found = this.#messages()
      .filter((message) => maildrop === undefined || message.maildrop === maildrop)
      .sort((a, b) => moment(b) - moment(a) || (a.id < b.id ? 1 : -1));
    for (const message of found.slice(0, limit)) yield message;
  }

  async findMessages(idPrefix: string): Promise<readonly StoredMessage[]> {
    return this.#messages()
      .filter(({ id }) => id.startsWith(idPrefix))
      .slice(0, 2);
  }

  async pendingHooks(messageId: string): Promise<readonly string[]> {
    for (const { messages } of this.#maildrops.values()) {
      const hooks = messages.get(messageId)?.stored.hooks;
      if (hooks !== undefined) return hooks.toSorted((a, b) => (a < b ? -1 : 1));
    }
    return [];
  }

  async *content(messageId: string): AsyncIterable<Uint8Array> {
    for (const { messages } of this.#maildrops.values()) {
      const message = messages.get(messageId);
      if (message !== undefined) {
        yield message.bytes;
        return;
      }
    }
    throw new MailonceError("no-such-message", `there is no message ${messageId}`);
  }

  #find(name: string): Maildrop | null {
    for (const rows of this.#maildrops.values()) if (rows.row.name === name) return rows.seen();
    return null;
  }

  #maildrop(id: number): MaildropRows {
    const maildrop = this.#maildrops.get(id);
    if (maildrop === undefined) throw new MailonceError("no-such-maildrop", `there is no maildrop ${id}`);
    return maildrop;
  }

  #messages(): StoredMessage[] {
    return [...this.#maildrops.values()].flatMap(({ row, messages }) =>
      [...messages.values()].map(
        ({ stored: { content: _content, digest: _digest, copy: _copy, hooks: _hooks, ...stored } }) => ({
          ...stored,
          maildrop: row.name,
        }),
      ),
    );
  }
}

function uuidOctets(id: string): Uint8Array {
  return Buffer.from(id.replaceAll("-", ""), "hex");
}
