import type { Gateway } from "../database/gateway.ts";
import { keyLists } from "../database/key-lists.ts";
import type { TableNames } from "../schema/table-names.ts";
import { octetsOf } from "../values/octets.ts";
import type { Row } from "../values/row.ts";

/** The message-ids that a message has and names, each by its digest. Digests and keys are hexadecimal here. */
export interface Links {
  /** Its own; null if it has none. */
  readonly own: string | null;
  /** What it answers: the beginning of the conversation first. */
  readonly answered: readonly string[];
}

/** A message that has a message-id, or names it. */
export interface Holder {
  readonly digest: string;
  readonly key: string;
}

/** Rows that are given at once. */
export const MOST_HOLDERS = 20_000;

const NO_LINKS: Links = { own: null, answered: [] };

/** The rows of message-ids: all by the index of digests, or by the messages' keys. */
export class ThreadRows {
  readonly #gateway: Gateway;
  readonly #table: string;

  constructor(gateway: Gateway, { messageReference }: TableNames) {
    this.#gateway = gateway;
    this.#table = messageReference;
  }

  /** The links of messages, in the order of their keys; none of a message that was not read yet. */
  async links(keys: readonly string[]): Promise<readonly Links[]> {
    const found = new Map<string, { own: string | null; answered: string[] }>();
    for (const { sql, values } of keyLists(keys.map(octets))) {
      const rows = await this.#gateway.read((statements) =>
        statements.rows(
          `SELECT message_id, seq, digest FROM ${this.#table} WHERE message_id IN ${sql} ORDER BY message_id, seq`,
          values,
        ),
      );
      for (const row of rows) {
        const key = hex(row, "message_id");
        const links = found.get(key) ?? { own: null, answered: [] };
        found.set(key, links);
        if (Number(row["seq"]) === 0) links.own = hex(row, "digest");
        else links.answered.push(hex(row, "digest"));
      }
    }
    return keys.map((key) => found.get(key) ?? NO_LINKS);
  }

  /** Of each message-id the message that has it, and was stored first; those that no message has are left out. */
  async owners(digests: readonly string[]): Promise<ReadonlyMap<string, string>> {
    const found = new Map<string, string>();
    for (const { sql, values } of keyLists(digests.map(octets))) {
      const rows = await this.#gateway.read((statements) =>
        statements.rows(
          `SELECT digest, MIN(message_id) AS message_id FROM ${this.#table}${this.#index(statements)}
           WHERE digest IN ${sql} AND seq = 0 GROUP BY digest`,
          values,
        ),
      );
      for (const row of rows) found.set(hex(row, "digest"), hex(row, "message_id"));
    }
    return found;
  }

  /** The messages that name one of these message-ids, one perhaps more than once: at most {@link MOST_HOLDERS}. */
  answers(digests: readonly string[]): Promise<readonly Holder[]> {
    return this.#holders(digests, "seq > 0");
  }

  /** The messages that have one of these message-ids, those of one in the order of storing: at most {@link MOST_HOLDERS}. */
  owned(digests: readonly string[]): Promise<readonly Holder[]> {
    return this.#holders(digests, "seq = 0");
  }

  async #holders(digests: readonly string[], condition: string): Promise<readonly Holder[]> {
    const found: Holder[] = [];
    for (const { sql, values } of keyLists(digests.map(octets))) {
      const rows = await this.#gateway.read((statements) =>
        statements.rows(
          `SELECT digest, message_id FROM ${this.#table}${this.#index(statements)} WHERE digest IN ${sql} AND ${condition}
           ORDER BY digest, seq, message_id LIMIT ${MOST_HOLDERS}`,
          values,
        ),
      );
      for (const row of rows) found.push({ digest: hex(row, "digest"), key: hex(row, "message_id") });
      if (found.length >= MOST_HOLDERS) break;
    }
    return found.slice(0, MOST_HOLDERS);
  }

  #index({ dialect }: { readonly dialect: Gateway["dialect"] }): string {
    return dialect.useIndex(`${this.#table}_digest_ix`);
  }
}

function octets(digits: string): Uint8Array {
  return Buffer.from(digits, "hex");
}

function hex(row: Row, column: string): string {
  return Buffer.from(octetsOf(row[column])).toString("hex");
}
