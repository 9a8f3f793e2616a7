/** A complete message's octets: in memory or in the spool. */
export interface Content {
  readonly octets: number;
  /** All octets if they are in memory, null if they must be read. */
  readonly bytes: Uint8Array | null;
  /** The octets in order; may be called again. What it gives is to be read only, and until the content is discarded. */
  read(): AsyncIterable<Uint8Array>;
  /**
   * The same without giving way to anything else; absent where they can only be waited for. A store whose transaction
   * stands in everybody's way (an SQLite file) reads so, and copies a content that it cannot read so to a file first.
   */
  readSync?(): Iterable<Uint8Array>;
  /** Frees what the content holds (a file, say). May be called more than once. */
  discard(): Promise<void>;
}

/** A content under way. */
export interface SpoolWriter {
  /**
   * Takes a chunk. Where the next one must wait, a promise: a large message comes in a hundred thousand chunks. `chunk`
   * may be reused afterwards.
   */
  write(chunk: Uint8Array): Promise<void> | undefined;
  /** No more octets come: the content, readable from now on. */
  finish(): Promise<Content>;
  /** Gives up: what was written is removed. */
  discard(): Promise<void>;
}

/** Where messages too large for memory wait until they are recorded. */
export interface Spool {
  create(): Promise<SpoolWriter>;
}
