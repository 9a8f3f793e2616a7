import { DECODER_VERSION, readHeader } from "@mailonce/core";
import type { HeaderStatus, Headers, StoredHeader } from "./ports.ts";

/** Messages that are read and written at once. */
const BATCH = 100;

/** The part of a store that indexing needs. */
export interface IndexStore {
  readonly headers: Headers;
}

/** What indexing came to. */
export interface Indexed {
  /** How many messages' columns were made anew. */
  readonly indexed: number;
  /** Ids of messages that could not be read, because octets are missing. */
  readonly damaged: readonly string[];
}

/** Options of {@link indexMessages}. */
export interface IndexOptions {
  readonly store: IndexStore;
  /** True: all messages are read. False: only those that an older version has read. */
  readonly rebuild?: boolean;
  /** Aborted: it ends after the current batch. The next call does the rest. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (indexed: number) => void;
}

/** How many messages there are, and how many an older version has read. */
export function indexStatus(store: IndexStore): Promise<HeaderStatus> {
  return store.headers.status(DECODER_VERSION);
}

/**
 * Reads the headers of stored messages again, with this version's decoder, and replaces what is kept of them: subject,
 * addresses, date. Octets, digests and keys stay. It may run at the same time as fetches, several times at once, and be
 * stopped at any time.
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
