/**
 * In parts of so many octets a spool keeps large messages and a store writes them, so that a store need not copy them
 * together. 16 pages of InnoDB hold one, on MariaDB and MySQL (256 KiB take a seventeenth for a few octets), and on SQLite
 * any number fits: less than a page is lost.
 */
export const PART_OCTETS = 260_500;

/** The octets of one whole message, in memory or in the spool. */
export interface Content {
  /** Number of octets. */
  readonly octets: number;
  /** All octets if they are in memory, null if they have to be read. */
  readonly bytes: Uint8Array | null;
  /** Gives the octets in order; may be called again. The chunks must not be changed, nor used after `discard`. */
  read(): AsyncIterable<Uint8Array>;
  /**
   * Gives the same octets synchronously; absent where that is not possible. A chunk is valid until the next one is
   * asked for: its memory may be used again then. A store whose transaction blocks everybody else (an SQLite file) reads this way, and
   * first copies a content without this method to a file.
   */
  readSync?(): Iterable<Uint8Array>;
  /**
   * Frees what the content holds (a file, say). May be called more than once. Gives a promise only if there is something
   * to wait for, because most messages are small and hold only memory.
   */
  discard(): Promise<void> | undefined;
}

/** Takes the octets of one message as they arrive. */
export interface SpoolWriter {
  /**
   * Appends a chunk. Gives a promise only if the next call has to wait for it, because a large message comes in a hundred
   * thousand chunks. Afterwards the caller may use the memory of `chunk` again.
   */
  write(chunk: Uint8Array): Promise<void> | undefined;
  /** Ends the content and gives it, ready to be read. */
  finish(): Promise<Content>;
  /** Removes what was written. */
  discard(): Promise<void>;
}

/** Keeps messages that are too large for memory until they are recorded. */
export interface Spool {
  create(): Promise<SpoolWriter>;
}
