import { headerEnd, MAX_HEADER_OCTETS, MailonceError } from "@mailonce/core";
import type { Gateway, Statements } from "../database/gateway.ts";
import { keyLists } from "../database/key-lists.ts";
import type { TableNames } from "../schema/table-names.ts";
import { octetsOf } from "../values/octets.ts";
import { octetsToUuid, uuidToOctets } from "../values/uuid-octets.ts";
import { readChunks } from "./message-chunks.ts";
import { HEADER_COLUMNS, headerValues, type ReadFields } from "./message-rows.ts";

/** So many octets of each message are read at first; nearly all headers end within them. */
const FIRST_OCTETS = 64 * 1024;

/** How many messages there are, and how many were read by an older version. */
export interface HeaderStatus {
  readonly messages: number;
  readonly outdated: number;
}

/** Which messages' headers to read. */
export interface HeaderQuery {
  /** The version that reads headers now. What a later version has read is left as it is. */
  readonly decoder: number;
  /** True: also what this version has read. */
  readonly all: boolean;
  /** Only those stored after this one (by id, which is in the order of storing); null: from the first. */
  readonly after: string | null;
  readonly limit: number;
}

/** A stored message's header. */
export interface StoredHeader {
  readonly id: string;
  /** The header block as it arrived; null if octets of it are missing. */
  readonly block: Uint8Array | null;
}

/**
 * The columns of stored messages that are made from their headers. They can be made anew at any time, also while others
 * fetch: octets, digests and keys are only read.
 */
export class StoredHeaders {
  readonly #gateway: Gateway;
  readonly #names: TableNames;

  constructor(gateway: Gateway, names: TableNames) {
    this.#gateway = gateway;
    this.#names = names;
  }

  async status(decoder: number): Promise<HeaderStatus> {
    const [row] = await this.#gateway.read((statements) =>
      statements.rows(
        `SELECT COUNT(*) AS messages, SUM(CASE WHEN decoder IS NULL OR decoder < ? THEN 1 ELSE 0 END) AS outdated
         FROM ${this.#names.message}`,
        [decoder],
      ),
    );
    return { messages: Number(row?.["messages"] ?? 0), outdated: Number(row?.["outdated"] ?? 0) };
  }

  /** The next headers, those first that were stored first; none if there are no more. */
  async read({ decoder, all, after, limit }: HeaderQuery): Promise<readonly StoredHeader[]> {
    const later = after === null ? "" : " AND id > ?";
    const found = await this.#gateway.read((statements) =>
      statements.rows(
        `SELECT id, octets FROM ${this.#names.message}
         WHERE (decoder IS NULL OR decoder ${all ? "<=" : "<"} ?)${later} ORDER BY id LIMIT ${Math.trunc(limit)}`,
        after === null ? [decoder] : [decoder, uuidToOctets(after)],
      ),
    );
    const messages = found.map((row) => ({
      id: octetsToUuid(octetsOf(row["id"])),
      octets: Number(row["octets"]),
    }));
    const firsts = await this.#gateway.read((statements) =>
      this.#firstOctets(
        statements,
        messages.map(({ id }) => id),
      ),
    );
    const headers: StoredHeader[] = [];
    for (const { id, octets } of messages)
      headers.push({ id, block: await this.#block(id, octets, firsts.get(id)) });
    return headers;
  }

  /** Writes what was read from headers, in one transaction. Messages that are gone are passed over. */
  async write(rows: readonly (ReadFields & { readonly id: string })[]): Promise<void> {
    const set = HEADER_COLUMNS.map((column) => `${column} = ?`).join(", ");
    // In the order of their keys, so that two who write at the same time do not deadlock.
    const sorted = rows.toSorted((one, other) => (one.id < other.id ? -1 : 1));
    await this.#gateway.transaction(async (statements) => {
      for (const row of sorted)
        await statements.run(`UPDATE ${this.#names.message} SET ${set} WHERE id = ?`, [
          ...headerValues(row),
          uuidToOctets(row.id),
        ]);
    });
  }

  async #firstOctets(
    statements: Statements,
    ids: readonly string[],
  ): Promise<ReadonlyMap<string, Uint8Array>> {
    const firsts = new Map<string, Uint8Array>();
    for (const list of keyLists(ids.map((id) => uuidToOctets(id)))) {
      const rows = await statements.rows(
        `SELECT message_id, SUBSTR(content, 1, ${FIRST_OCTETS}) AS beginning FROM ${this.#names.messageChunk}
         WHERE seq = 0 AND message_id IN ${list.sql}`,
        list.values,
      );
      for (const row of rows)
        firsts.set(octetsToUuid(octetsOf(row["message_id"])), octetsOf(row["beginning"]));
    }
    return firsts;
  }

  async #block(
    id: string,
    octets: number,
    first: Uint8Array = new Uint8Array(0),
  ): Promise<Uint8Array | null> {
    const end = headerEnd(first);
    if (end < first.length || octets === first.length) return first.subarray(0, end);
    const parts: Uint8Array[] = [];
    let read = 0;
    try {
      for await (const chunk of readChunks(this.#gateway, this.#names, id)) {
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
}
