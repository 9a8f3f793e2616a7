import { createHash } from "node:crypto";
import {
  GuardFailedError,
  type LedgerEntry,
  type Maildrop,
  type MessageStore,
  TransactionConflictError,
  unbounded,
} from "@mailonce/core";
import { ambiguousId } from "../failure/ambiguous-id.ts";
import { FailureError } from "../failure/failure-error.ts";

/** The part of a store that deferred messages need. */
export type DeferredStore = Pick<MessageStore, "maildrops" | "deferredEntries" | "findMaildrop" | "transact">;

/** A message that waits to be tried again, or that is settled but failed when it was looked at again. */
export interface DeferredMessage {
  /** 64 hexadecimal digits, always the same for the same entry; any beginning of them that is unique names it. */
  readonly id: string;
  readonly maildrop: string;
  /** The unique-id's octets; null if it has none, or one so long that the ledger holds a digest of it. */
  readonly uniqueId: Uint8Array | null;
  readonly entry: LedgerEntry;
}

/** Digits of an id that are shown to people. */
export const SHORT_ID_DIGITS = 12;

/** Changes of others that are borne before it gives up. */
const MAX_ATTEMPTS = 20;

const LF = 0x0a;

/** The deferred messages of one maildrop, or of all; those of one maildrop follow each other. */
export async function* deferredMessages(
  store: DeferredStore,
  maildropName?: string,
): AsyncGenerator<DeferredMessage> {
  for (const { id: maildropId, name } of await store.maildrops()) {
    if (maildropName !== undefined && name !== maildropName) continue;
    for await (const block of store.deferredEntries(maildropId))
      for (const entry of block)
        yield { id: idOf(name, entry.identity), maildrop: name, uniqueId: uniqueIdOf(entry), entry };
  }
}

/**
 * The deferred messages that these beginnings of ids name, each once; all of them for "all".
 * @throws FailureError (`usage`) where one names none, or several
 */
export async function chooseDeferred(
  store: DeferredStore,
  ids: readonly string[] | "all",
): Promise<readonly DeferredMessage[]> {
  const all: DeferredMessage[] = [];
  for await (const message of deferredMessages(store)) all.push(message);
  if (ids === "all") return all;
  const chosen = new Set<DeferredMessage>();
  for (const id of ids) {
    const found = all.filter((message) => message.id.startsWith(id.trim().toLowerCase()));
    const [first] = found;
    const shown = id.replace(/[^\x21-\x7e]/g, "?").slice(0, 64);
    if (first === undefined || id.trim() === "")
      throw new FailureError(
        "no-such-message",
        `no deferred message has the id ${shown}; 'mailonce deferred list' shows the ids`,
        "usage",
      );
    if (found.length > 1) throw ambiguousId("deferred message", found.map(candidateLine));
    chosen.add(first);
  }
  return [...chosen];
}

/** With enough digits to tell it from others. */
function candidateLine({ id, maildrop, uniqueId, entry }: DeferredMessage): string {
  const known = uniqueId === null ? "without unique-id" : Buffer.from(uniqueId).toString("latin1");
  return [id.slice(0, 2 * SHORT_ID_DIGITS), maildrop, known, entry.reason?.message ?? ""].join("  ");
}

/** Makes the next fetch try these messages at once. Gives how many there still were. */
export function retryDeferred(store: DeferredStore, messages: readonly DeferredMessage[]): Promise<number> {
  return change(store, messages, forgotten);
}

/**
 * Never tries these messages again: what is deferred counts as known from now on, what is settled forgets its failed
 * attempts. Gives how many there still were.
 * @throws FailureError (`usage`), and nothing is changed, if one cannot be told from others that may come: it
 * has neither a usable unique-id nor a header that is known
 */
export async function dropDeferred(
  store: DeferredStore,
  messages: readonly DeferredMessage[],
): Promise<number> {
  for (const { id, entry } of messages) {
    if (entry.disposition === "deferred" && isClass(entry) && !entry.headerDigest)
      throw new FailureError(
        "cannot-drop",
        `message ${id.slice(0, SHORT_ID_DIGITS)} cannot be dropped: without a usable unique-id and without TOP nothing tells it from other messages`,
        "usage",
      );
  }
  return change(store, messages, (entry) => {
    if (entry.disposition !== "deferred") return forgotten(entry);
    const occurrences = Math.max(1, entry.occurrences);
    return { ...forgotten(entry), disposition: "baseline", occurrences };
  });
}

function forgotten(entry: LedgerEntry): LedgerEntry {
  return { ...entry, attempts: 0, reason: null, due: null };
}

/** Changes the rows, a transaction for each maildrop; a run that is under way there starts again (rule 17). */
async function change(
  store: DeferredStore,
  messages: readonly DeferredMessage[],
  changed: (entry: LedgerEntry) => LedgerEntry,
): Promise<number> {
  const byMaildrop = new Map<string, Uint8Array[]>();
  for (const { maildrop, entry } of messages) {
    const identities = byMaildrop.get(maildrop) ?? [];
    identities.push(entry.identity);
    byMaildrop.set(maildrop, identities);
  }
  let count = 0;
  for (const [name, identities] of byMaildrop) count += await changeOne(store, name, identities, changed);
  return count;
}

async function changeOne(
  store: DeferredStore,
  name: string,
  identities: readonly Uint8Array[],
  changed: (entry: LedgerEntry) => LedgerEntry,
): Promise<number> {
  for (let attempt = 1; ; attempt++) {
    const maildrop: Maildrop | null = await store.findMaildrop(name);
    if (maildrop === null) return 0;
    const { id, generation } = maildrop;
    try {
      return await store.transact(id, { generation, leaseToken: null }, async (tx) => {
        const ledger = unbounded(tx);
        // Looked at again: a run may have had it meanwhile.
        const rows = await ledger.entries(identities);
        const open = rows.filter(({ disposition, attempts }) => disposition === "deferred" || attempts > 0);
        if (open.length === 0) return 0;
        await ledger.updateEntries(open.map(changed));
        await ledger.updateMaildrop({ generation: generation + 1, mark: null });
        return open.length;
      });
    } catch (error) {
      const again = error instanceof GuardFailedError || error instanceof TransactionConflictError;
      if (!again || attempt >= MAX_ATTEMPTS) throw error;
    }
  }
}

function idOf(maildropName: string, identity: Uint8Array): string {
  return createHash("sha256").update(`${maildropName}\0`).update(identity).digest("hex");
}

/** Keys that begin with LF are the core's own: of a class, or of a unique-id of more than 255 octets. */
function uniqueIdOf(entry: LedgerEntry): Uint8Array | null {
  const key = isClass(entry) ? entry.classUniqueId : entry.identity;
  return key === null || key[0] === LF ? null : key;
}

function isClass({ identity }: LedgerEntry): boolean {
  return identity[0] === LF && identity[1] === 0x46;
}
