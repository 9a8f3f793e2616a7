import { DECODER_VERSION, readHeader } from "@mailonce/core";
import type { HeaderStatus, Headers, StoredHeader } from "./headers.ts";

/** Messages that are read and written at once. */
const BATCH = 100;

/** The part of a store that indexing needs. */
export interface IndexStore {
  readonly headers: Headers;
}

/** How far indexing is, and what became of it. */
export interface Indexed {
  /** Messages whose columns are made anew. */
  readonly indexed: number;
  /** Ids of messages that could not be read, because octets are missing. */
  readonly damaged: readonly string[];
}

/** Options of {@link indexMessages}. */
export interface IndexOptions {
  readonly store: IndexStore;
  /** True: all messages, not only those that an older version has read. */
  readonly rebuild?: boolean;
  /** Ends it after the batch that is under way, which is committed; what is left is done next time. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (indexed: number) => void;
}

/** How many messages there are, and how many an older version has read. */
export function indexStatus(store: IndexStore): Promise<HeaderStatus> {
  return store.headers.status(DECODER_VERSION);
}

/**
 * Makes what is kept of stored messages' headers anew, as a fetch by this version would have: subject, addresses, date. Octets,
 * digests and keys are not touched. May run beside fetches and beside itself, be stopped at any time and started again.
 */
export async function indexMessages(options: IndexOptions): Promise<Indexed> {
  const { store, rebuild = false, signal, onProgress } = options;
  const damaged: string[] = [];
  let indexed = 0;
  let after: string | null = null;
  while (signal?.aborted !== true) {
    const query = { decoder: DECODER_VERSION, all: rebuild, after, limit: BATCH };
    const batch: readonly StoredHeader[] = await store.headers.read(query);
    if (batch.length === 0) break;
    const rows = batch.flatMap(({ id, block }) => (block === null ? [] : [{ id, ...columnsOf(block) }]));
    await store.headers.write(rows);
    damaged.push(...batch.filter(({ block }) => block === null).map(({ id }) => id));
    indexed += rows.length;
    after = batch.at(-1)?.id ?? null;
    onProgress?.(indexed);
  }
  return { indexed, damaged };
}

function columnsOf(block: Uint8Array) {
  const { messageId, ...fields } = readHeader(block);
  return { ...fields, messageIdHeader: messageId, decoder: DECODER_VERSION };
}
