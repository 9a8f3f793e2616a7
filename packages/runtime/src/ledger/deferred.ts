import { createHash } from "node:crypto";
import {
  type Deferred,
  dropDeferred as dropEntries,
  isDroppable,
  type Ledger,
  type LedgerEntry,
  type Maildrops,
  retryDeferred as retryEntries,
  uniqueIdOf,
} from "@mailonce/core";
import { ambiguousId } from "../failure/ambiguous-id.ts";
import { FailureError } from "../failure/failure-error.ts";

/** The part of a store that deferred messages need. */
export type DeferredStore = Ledger & Deferred & Pick<Maildrops, "maildrops">;

/** A message that waits to be tried again, or one that is settled and failed when a later run looked at it again. */
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
    if (found.length > 1) throw await ambiguousId("deferred message", found.map(candidateLine));
    chosen.add(first);
  }
  return [...chosen];
}

/** A line for people that tells the message from others. */
function candidateLine({ id, maildrop, uniqueId, entry }: DeferredMessage): string {
  const known = uniqueId === null ? "without unique-id" : Buffer.from(uniqueId).toString("latin1");
  return [id.slice(0, 2 * SHORT_ID_DIGITS), maildrop, known, entry.reason?.message ?? ""].join("  ");
}

/** Makes the next fetch try these messages at once. Gives how many there still were. */
export function retryDeferred(store: DeferredStore, messages: readonly DeferredMessage[]): Promise<number> {
  return inEachMaildrop(messages, (name, identities) => retryEntries(store, name, identities));
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
  for (const { id, entry } of messages)
    if (!isDroppable(entry))
      throw new FailureError(
        "cannot-drop",
        `message ${id.slice(0, SHORT_ID_DIGITS)} cannot be dropped: without a usable unique-id and without TOP nothing tells it from other messages`,
        "usage",
      );
  return inEachMaildrop(messages, (name, identities) => dropEntries(store, name, identities));
}

/** A transaction for each maildrop. */
async function inEachMaildrop(
  messages: readonly DeferredMessage[],
  change: (name: string, identities: readonly Uint8Array[]) => Promise<number>,
): Promise<number> {
  const byMaildrop = new Map<string, Uint8Array[]>();
  for (const { maildrop, entry } of messages) {
    const identities = byMaildrop.get(maildrop) ?? [];
    identities.push(entry.identity);
    byMaildrop.set(maildrop, identities);
  }
  let count = 0;
  for (const [name, identities] of byMaildrop) count += await change(name, identities);
  return count;
}

function idOf(maildropName: string, identity: Uint8Array): string {
  return createHash("sha256").update(`${maildropName}\0`).update(identity).digest("hex");
}
