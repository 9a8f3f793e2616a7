import type { StoredMessage } from "@mailonce/core";
import type { ExportProgress } from "@mailonce/runtime";

/** How messages are written. */
export type ExportFormat = "eml" | "maildir" | "mbox" | "jsonl";

/** The octets that stand for a message. They are read once. */
export type ContentOf = (message: StoredMessage) => AsyncIterable<Uint8Array>;

/** What became of one message. */
export interface ExportedFile {
  /** Absolute; null: standard output. */
  readonly file: string | null;
  /** `present`: it was there already. */
  readonly status: "written" | "present";
}

/** What messages are written to. */
export interface ExportTarget extends AsyncDisposable {
  /** For people: where it is. */
  readonly path: string;
  /**
   * Writes a message, whole or not at all; a part of it that cannot be taken away again is taken away by `settle`. It may not
   * be on the disk yet. @throws FailureError (`unwritable`), and what its content throws
   */
  write(message: StoredMessage): Promise<ExportedFile>;
  /**
   * All that was written is on the disk, whatever happens, once this resolves, and nothing else is.
   * @returns how far it is by that
   */
  settle(): Promise<Partial<ExportProgress>>;
}
