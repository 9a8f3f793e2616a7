import type { Gateway } from "../database/gateway.ts";
import type { TableNames } from "../schema/table-names.ts";
import { octetsOf } from "../values/octets.ts";
import { storedDate } from "../values/stored-date.ts";
import { octetsToUuid, uuidToOctets } from "../values/uuid-octets.ts";
import { headerBlocks } from "./header-blocks.ts";
import { HEADER_COLUMNS, headerValues, type ReadFields } from "./message-rows.ts";

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
    const blocks = await headerBlocks(this.#gateway, this.#names, messages);
    return messages.map(({ id }) => ({ id, block: blocks.get(id) ?? null }));
  }

  /**
   * Writes what was read from headers, in one transaction. Messages that are gone are passed over. What was made of messages
   * whose month becomes another one is to be made anew: they are found by it.
   */
  async write(rows: readonly (ReadFields & { readonly id: string })[]): Promise<void> {
    const set = HEADER_COLUMNS.map((column) => `${column} = ?`).join(", ");
    // In the order of their keys, so that two who write at the same time do not deadlock.
    const sorted = rows.toSorted((one, other) => (one.id < other.id ? -1 : 1));
    const { message, contentState } = this.#names;
    await this.#gateway.transaction(async (statements) => {
      for (const row of sorted) {
        const key = uuidToOctets(row.id);
        const date = statements.dialect.date("date_header");
        const [old] = await statements.rows(`SELECT ${date} FROM ${message} WHERE id = ?`, [key]);
        await statements.run(`UPDATE ${message} SET ${set} WHERE id = ?`, [...headerValues(row), key]);
        if (monthOf(old?.["date_header"]) !== monthOf(storedDate(row.date)))
          await statements.run(
            `UPDATE ${contentState} SET parser = 0 WHERE message_id = ? AND state = 'made'`,
            [key],
          );
      }
    });
  }
}

function monthOf(stored: unknown): string {
  return typeof stored === "string" ? stored.slice(0, 7) : "";
}
