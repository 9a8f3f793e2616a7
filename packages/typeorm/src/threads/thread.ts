import type { StoredMessage } from "@mailonce/core";
import { expectLimit, expectObject } from "../arguments/expect-arguments.ts";
import type { Gateway } from "../database/gateway.ts";
import { keyLists } from "../database/key-lists.ts";
import { readMessage, selectMessages } from "../messages/message-rows.ts";
import type { TableNames } from "../schema/table-names.ts";
import { messageIdDigest } from "../values/message-id-digest.ts";
import { octetsToUuid, uuidToOctets } from "../values/uuid-octets.ts";
import { ThreadRows } from "./thread-rows.ts";
import { type Place, ThreadSearch, type ThreadTree } from "./thread-tree.ts";

/** How much of a conversation is wanted. */
export interface ThreadOptions {
  /** At most so many messages, but always the one that is asked for; 1000 if absent, no more than 10,000. */
  readonly limit?: number;
}

/** A message in its conversation. */
export interface ThreadMessage {
  readonly message: StoredMessage;
  /** 0 for those that begin the conversation; one more than that of the message it answers. */
  readonly depth: number;
  /** The id of the stored message that it answers; null if it begins the conversation. */
  readonly parent: string | null;
  /** The id of the message that has the same Message-ID and was stored first; null if that is this one. */
  readonly copyOf: string | null;
}

/** The conversation that a message belongs to. */
export interface Thread {
  /** A message comes before those that answer it, and these come oldest first. */
  readonly messages: readonly ThreadMessage[];
  /**
   * The Message-ID that those of depth 0 answer, and that no stored message has; null if there is none. Without it only one
   * message has depth 0.
   */
  readonly missing: string | null;
  /** True: the conversation has more messages than these. */
  readonly isCut: boolean;
}

const LIMIT = 1000;
const MOST = 10_000;

/** The conversation of a message: see {@link TypeormStore.thread}. */
export async function readThread(
  gateway: Gateway,
  names: TableNames,
  messageId: string,
  options: ThreadOptions,
): Promise<Thread> {
  const key = uuidToOctets(messageId);
  expectObject("options", options);
  const { limit = LIMIT } = options;
  expectLimit("options.limit", limit);
  const search = new ThreadSearch(new ThreadRows(gateway, names), Math.min(Math.max(1, limit), MOST));
  const tree = await search.around(key.toString("hex"));
  const messages = await messagesOf(gateway, names, tree);
  return {
    messages: inOrder(tree, messages),
    missing: tree.missing === null ? null : await missingId(gateway, names, tree, tree.missing),
    isCut: tree.isCut,
  };
}

async function messagesOf(
  gateway: Gateway,
  names: TableNames,
  { places }: ThreadTree,
): Promise<ReadonlyMap<string, StoredMessage>> {
  const keys = [...places.values()].flatMap(({ key, copies }) => [key, ...copies]);
  const found = new Map<string, StoredMessage>();
  for (const { sql, values } of keyLists(keys.map(octets))) {
    const rows = await gateway.read((statements) =>
      statements.rows(`${selectMessages(statements.dialect, names)} WHERE m.id IN ${sql}`, values),
    );
    for (const row of rows) {
      const message = readMessage(row);
      found.set(uuidToOctets(message.id).toString("hex"), message);
    }
  }
  return found;
}

/** The places from the top down, those below one place by their dates. */
function inOrder(
  { places }: ThreadTree,
  messages: ReadonlyMap<string, StoredMessage>,
): readonly ThreadMessage[] {
  const below = new Map<string | null, string[]>();
  for (const [name, { parent }] of places) {
    const others = below.get(parent) ?? [];
    below.set(parent, others);
    others.push(name);
  }
  const momentOf = (name: string): number => {
    const message = messages.get(places.get(name)?.key ?? "");
    return (message?.date ?? message?.storedAt)?.getTime() ?? 0;
  };
  const latestFirst = (of: string | null): readonly { readonly name: string; readonly at: number }[] =>
    (below.get(of) ?? [])
      .map((name) => ({ name, at: momentOf(name) }))
      .sort(
        (one, other) => other.at - one.at || (keyOf(places, other.name) < keyOf(places, one.name) ? -1 : 1),
      );
  const ordered: ThreadMessage[] = [];
  const next = latestFirst(null).map(({ name }) => ({ name, depth: 0 }));
  for (let at = next.pop(); at !== undefined; at = next.pop()) {
    const { name, depth } = at;
    ordered.push(...messagesAt(places, name, depth, messages));
    next.push(...latestFirst(name).map((one) => ({ name: one.name, depth: depth + 1 })));
  }
  return ordered;
}

/** The messages of a place; one that is gone in the meantime is left out. */
function messagesAt(
  places: ReadonlyMap<string, Place>,
  name: string,
  depth: number,
  messages: ReadonlyMap<string, StoredMessage>,
): readonly ThreadMessage[] {
  const place = places.get(name);
  if (place === undefined) return [];
  const parent = place.parent === null ? null : octetsToUuid(octets(keyOf(places, place.parent)));
  return [place.key, ...place.copies].flatMap((key) => {
    const message = messages.get(key);
    const copyOf = key === place.key ? null : octetsToUuid(octets(place.key));
    return message === undefined ? [] : [{ message, depth, parent, copyOf }];
  });
}

function keyOf(places: ReadonlyMap<string, Place>, name: string): string {
  return places.get(name)?.key ?? "";
}

/** The message-id of this digest, as a message at the top names it. */
async function missingId(
  gateway: Gateway,
  { messageContent }: TableNames,
  { places }: ThreadTree,
  digest: string,
): Promise<string | null> {
  const [top] = places.values();
  if (top === undefined) return null;
  const [row] = await gateway.read((statements) =>
    statements.rows(`SELECT in_reply_to, references_header FROM ${messageContent} WHERE message_id = ?`, [
      octets(top.key),
    ]),
  );
  const named = [...String(row?.["references_header"] ?? "").split(" "), String(row?.["in_reply_to"] ?? "")];
  const isIt = (id: string): boolean => Buffer.from(messageIdDigest(id)).toString("hex") === digest;
  // One that is too long for its column has lost its end.
  return named.find(isIt) ?? named.find((id) => id !== "") ?? null;
}

function octets(digits: string): Buffer {
  return Buffer.from(digits, "hex");
}
