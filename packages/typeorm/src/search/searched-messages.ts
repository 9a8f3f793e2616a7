import type { StoredMessage } from "@mailonce/core";
import type { Occurrences, SearchedContent, SearchedMessage, StoredQuery } from "@mailonce/core/search";
import type { Gateway, Statements } from "../database/gateway.ts";
import { keyLists } from "../database/key-lists.ts";
import { headerBlocks } from "../messages/header-blocks.ts";
import { readMessage, selectMessages } from "../messages/message-rows.ts";
import type { TableNames } from "../schema/table-names.ts";
import { octetsOf } from "../values/octets.ts";
import { octetsToUuid, uuidToOctets } from "../values/uuid-octets.ts";
import { mayBeIn, type Sought } from "./sought.ts";

/** A message that a query finds. */
export interface FoundMessage {
  readonly message: StoredMessage;
  /** What there is to read in it; its beginning where the query does not look at it, null where it was not read yet. */
  readonly text: string | null;
  /** How often it has what is searched for. */
  readonly occurrences: () => Occurrences;
}

/** Those of some messages that the query finds, in the order of their keys, and how many had to be read to tell. */
export async function foundAmong(
  gateway: Gateway,
  names: TableNames,
  sought: Sought,
  keys: readonly Uint8Array[],
): Promise<{ readonly found: readonly FoundMessage[]; readonly read: number }> {
  const { query } = sought;
  const rows = await gateway.read((statements) => messagesOf(statements, names, keys));
  // Most that their rows rule out are told so, and nothing else is read of them. A message that is gone has no row.
  const some = rows.filter(
    (message) =>
      mayBeIn(sought, message.maildrop) &&
      isWithin(query.octets, message.octets) &&
      isWithin(query.stored, message.storedAt.getTime()) &&
      (message.date === null || isWithin(query.date, message.date.getTime())),
  );
  const contents = query.needsContent
    ? await gateway.read((statements) => contentsOf(statements, names, some))
    : new Map<string, SearchedContent>();
  // What nobody has read yet is not found by what there is to read.
  const known = query.needsContent ? some.filter(({ id }) => contents.has(id)) : some;
  const blocks = query.needsHeader ? await headerBlocks(gateway, names, known) : null;
  const searched = (message: StoredMessage): SearchedMessage => ({
    ...message,
    block: blocks?.get(message.id) ?? new Uint8Array(0),
    content: contents.get(message.id) ?? null,
  });
  const found = known.filter((message) => query.accepts(searched(message)));
  const texts = query.needsContent
    ? new Map([...contents].map(([id, { text }]) => [id, text]))
    : await gateway.read((statements) => previewsOf(statements, names, found));
  return {
    found: found.map((message) => ({
      message,
      text: texts.get(message.id) ?? null,
      occurrences: () => query.occurrences(searched(message)),
    })),
    read: known.length,
  };
}

async function messagesOf(
  statements: Statements,
  names: TableNames,
  keys: readonly Uint8Array[],
): Promise<readonly StoredMessage[]> {
  const byId = new Map<string, StoredMessage>();
  for (const { sql, values } of keyLists(keys)) {
    const select = `${selectMessages(statements.dialect, names)} WHERE m.id IN ${sql}`;
    for (const row of await statements.rows(select, values)) {
      const message = readMessage(row);
      byId.set(message.id, message);
    }
  }
  return keys.flatMap((key) => byId.get(octetsToUuid(key)) ?? []);
}

async function contentsOf(
  statements: Statements,
  { messageContent, messagePart }: TableNames,
  messages: readonly StoredMessage[],
): Promise<ReadonlyMap<string, SearchedContent>> {
  const fileNames = new Map<string, string[]>();
  const contents = new Map<string, SearchedContent>();
  for (const { sql, values } of keyLists(messages.map(({ id }) => uuidToOctets(id)))) {
    const parts = await statements.rows(
      `SELECT message_id AS id, file_name FROM ${messagePart} WHERE message_id IN ${sql} AND file_name IS NOT NULL
       ORDER BY message_id, seq`,
      values,
    );
    for (const row of parts) {
      const id = octetsToUuid(octetsOf(row["id"]));
      const known = fileNames.get(id) ?? [];
      fileNames.set(id, known);
      known.push(String(row["file_name"]));
    }
    const rows = await statements.rows(
      `SELECT message_id AS id, has_attachment, text FROM ${messageContent} WHERE message_id IN ${sql}`,
      values,
    );
    for (const row of rows) {
      const id = octetsToUuid(octetsOf(row["id"]));
      contents.set(id, {
        text: row["text"] === null ? "" : String(row["text"]),
        fileNames: fileNames.get(id) ?? [],
        hasAttachment: Number(row["has_attachment"]) !== 0,
      });
    }
  }
  return contents;
}

async function previewsOf(
  statements: Statements,
  { messageContent }: TableNames,
  messages: readonly StoredMessage[],
): Promise<ReadonlyMap<string, string>> {
  const previews = new Map<string, string>();
  for (const { sql, values } of keyLists(messages.map(({ id }) => uuidToOctets(id)))) {
    const rows = await statements.rows(
      `SELECT message_id AS id, preview FROM ${messageContent} WHERE message_id IN ${sql} AND preview IS NOT NULL`,
      values,
    );
    for (const row of rows) previews.set(octetsToUuid(octetsOf(row["id"])), String(row["preview"]));
  }
  return previews;
}

function isWithin({ min, max }: StoredQuery["octets"], value: number): boolean {
  return (min === null || value >= min) && (max === null || value <= max);
}
