import { type Content, MailonceError, PART_OCTETS } from "@mailonce/core";
import type { Gateway, Statements } from "../database/gateway.ts";
import type { Inserter } from "../database/inserter.ts";
import type { TableNames } from "../schema/table-names.ts";
import { octetsOf } from "../values/octets.ts";
import { uuidToOctets } from "../values/uuid-octets.ts";
import type { SyncContents } from "./sync-contents.ts";

/** Chunks read at once: 2 MB. */
const CHUNKS_A_READ = 8;

/** A table of chunks, and the column of the key that they have in common. */
interface ChunkTable {
  readonly table: string;
  readonly column: string;
}

/** More octets than a chunk's row takes beside its content. */
const ROW_OVERHEAD = 1024;

/** Writes contents in chunks; no content is held in memory as a whole unless it is already. */
export class ChunkWriter {
  readonly #rows: Inserter;
  readonly #chunkOctets: number;
  readonly #contents: SyncContents | null;

  /** @param contents where to read contents if the transaction must not wait for them; null: it may wait */
  constructor(statements: Statements, { table, column }: ChunkTable, contents: SyncContents | null) {
    this.#contents = contents;
    this.#rows = statements.inserter({ table, columns: [column, "seq", "content"] });
    this.#chunkOctets = Math.max(1, Math.min(PART_OCTETS, statements.statementOctets - ROW_OVERHEAD));
  }

  /**
   * Writes the content of this key, at once or with the next {@link flush}. Gives a promise only if there is something to await.
   *
   * @throws MailonceError (`content-changed`) if the content does not have these octets
   */
  write(key: Uint8Array, octetsExpected: number, content: Content): Promise<void> | undefined {
    const { bytes } = content;
    if (bytes === null || bytes.length > this.#chunkOctets)
      return this.#writeLarge(key, octetsExpected, content);
    expectOctets(octetsExpected, bytes.length);
    return bytes.length === 0 ? undefined : this.#rows.add([key, 0, bytes]);
  }

  flush(): Promise<void> | undefined {
    return this.#rows.flush();
  }

  async #writeLarge(key: Uint8Array, octetsExpected: number, content: Content): Promise<void> {
    let seq = 0;
    let octets = 0;
    const source = this.#contents?.read(content) ?? content.read();
    for await (const chunk of inChunks(source, this.#chunkOctets)) {
      octets += chunk.byteLength;
      await this.#rows.add([key, seq++, chunk]);
    }
    expectOctets(octetsExpected, octets);
  }
}

function expectOctets(expected: number, octets: number): void {
  if (octets === expected) return;
  throw new MailonceError("content-changed", `A content of ${expected} octets yielded ${octets}.`);
}

/** Where messages' octets are. */
export function messageChunks({ messageChunk }: TableNames): ChunkTable {
  return { table: messageChunk, column: "message_id" };
}

/**
 * A message's octets. Read in parts by key, so that no connection is held while the caller is slow.
 *
 * @throws MailonceError (`no-such-message`), or (`message-damaged`) if chunks are missing
 */
export async function* readChunks(
  gateway: Gateway,
  names: TableNames,
  messageId: string,
): AsyncGenerator<Uint8Array> {
  const id = uuidToOctets(messageId);
  const [message] = await gateway.read((statements) =>
    statements.rows(`SELECT octets FROM ${names.message} WHERE id = ?`, [id]),
  );
  if (message === undefined) throw new MailonceError("no-such-message", `There is no message ${messageId}.`);
  const missing = yield* chunksOf(gateway, messageChunks(names), id, Number(message["octets"]));
  if (missing !== 0)
    throw new MailonceError("message-damaged", `Message ${messageId} lacks ${missing} octets.`);
}

/** The octets that a table of chunks holds under a key. @returns how many of those expected are missing */
export async function* chunksOf(
  gateway: Gateway,
  { table, column }: ChunkTable,
  key: Uint8Array,
  octetsExpected: number,
): AsyncGenerator<Uint8Array, number> {
  let missing = octetsExpected;
  for (let seq = 0; missing > 0; seq += CHUNKS_A_READ) {
    const from = seq;
    const rows = await gateway.read((statements) =>
      statements.rows(
        `SELECT content FROM ${table} WHERE ${column} = ? AND seq >= ? AND seq < ? ORDER BY seq`,
        [key, from, from + CHUNKS_A_READ],
      ),
    );
    for (const row of rows) {
      const chunk = octetsOf(row["content"]);
      missing -= chunk.byteLength;
      yield chunk;
    }
    if (rows.length < CHUNKS_A_READ) break;
  }
  return missing;
}

/**
 * The same octets in chunks of one length, the last one shorter. A chunk is a part of the source's memory where that
 * holds as much in one piece, else memory of its own.
 */
async function* inChunks(
  source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  length: number,
): AsyncGenerator<Uint8Array> {
  let chunk: Buffer = Buffer.alloc(0);
  let filled = 0;
  for await (const part of source) {
    for (let from = 0; from < part.length; ) {
      if (filled === 0 && part.length - from >= length) {
        yield part.subarray(from, from + length);
        from += length;
        continue;
      }
      if (filled === 0) chunk = Buffer.allocUnsafeSlow(length);
      const taken = Math.min(part.length - from, length - filled);
      chunk.set(part.subarray(from, from + taken), filled);
      from += taken;
      filled += taken;
      if (filled === length) {
        yield chunk;
        filled = 0;
      }
    }
  }
  // A copy: the rest of the memory would be held until the statement is sent.
  if (filled > 0) yield Buffer.from(chunk.subarray(0, filled));
}
