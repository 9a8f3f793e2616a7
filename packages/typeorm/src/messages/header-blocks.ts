import { headerEnd, MAX_HEADER_OCTETS, MailonceError } from "@mailonce/core";
import type { Gateway } from "../database/gateway.ts";
import { keyLists } from "../database/key-lists.ts";
import type { TableNames } from "../schema/table-names.ts";
import { octetsOf } from "../values/octets.ts";
import { octetsToUuid, uuidToOctets } from "../values/uuid-octets.ts";
import { readChunks } from "./message-chunks.ts";

/** So many octets of each message are read at first; nearly all headers end within them. */
const FIRST_OCTETS = 64 * 1024;

/** A stored message whose header is read. */
export interface WithHeader {
  readonly id: string;
  readonly octets: number;
}

/** The header blocks of messages as they arrived, by id; null if octets of one are missing. */
export async function headerBlocks(
  gateway: Gateway,
  names: TableNames,
  messages: readonly WithHeader[],
): Promise<ReadonlyMap<string, Uint8Array | null>> {
  const firsts = await firstOctets(
    gateway,
    names,
    messages.map(({ id }) => id),
  );
  const blocks = new Map<string, Uint8Array | null>();
  for (const message of messages)
    blocks.set(message.id, await blockOf(gateway, names, message, firsts.get(message.id)));
  return blocks;
}

async function firstOctets(
  gateway: Gateway,
  { messageChunk }: TableNames,
  ids: readonly string[],
): Promise<ReadonlyMap<string, Uint8Array>> {
  const firsts = new Map<string, Uint8Array>();
  await gateway.read(async (statements) => {
    for (const list of keyLists(ids.map((id) => uuidToOctets(id)))) {
      const rows = await statements.rows(
        `SELECT message_id, SUBSTR(content, 1, ${FIRST_OCTETS}) AS beginning FROM ${messageChunk}
         WHERE seq = 0 AND message_id IN ${list.sql}`,
        list.values,
      );
      for (const row of rows)
        firsts.set(octetsToUuid(octetsOf(row["message_id"])), octetsOf(row["beginning"]));
    }
  });
  return firsts;
}

async function blockOf(
  gateway: Gateway,
  names: TableNames,
  { id, octets }: WithHeader,
  first: Uint8Array = new Uint8Array(0),
): Promise<Uint8Array | null> {
  const end = headerEnd(first);
  if (end < first.length || octets === first.length) return first.subarray(0, end);
  const parts: Uint8Array[] = [];
  let read = 0;
  try {
    for await (const chunk of readChunks(gateway, names, id)) {
      parts.push(chunk);
      read += chunk.length;
      if (read >= MAX_HEADER_OCTETS) break;
    }
  } catch (error) {
    if (error instanceof MailonceError && error.code === "message-damaged") return null;
    throw error;
  }
  const beginning = Buffer.concat(parts);
  return beginning.subarray(0, Math.min(headerEnd(beginning), MAX_HEADER_OCTETS));
}
