import type { DateKind } from "../message/header.ts";

/** A stored message's row, without its content. */
export interface StoredMessage {
  /** UUIDv7 in lower case. */
  readonly id: string;
  /** The maildrop's name. */
  readonly maildrop: string;
  /** SHA-256 of the octets as they arrived. */
  readonly sha256: Uint8Array;
  readonly octets: number;
  /** The header's Message-ID field as it stands. */
  readonly messageIdHeader: string | null;
  readonly subject: string | null;
  readonly from: string | null;
  readonly to: string | null;
  readonly date: Date | null;
  /** How sure the date is. Null where there is none, and where an older version stored the message. */
  readonly dateKind: DateKind | null;
  /** True if the header says that there is more in it than text; null where an older version stored the message. */
  readonly attachments: boolean | null;
  /** The version of what read these fields from the header (`DECODER_VERSION`); 0 for an older one. */
  readonly decoder: number;
  readonly storedAt: Date;
}

/** Which stored messages to read. */
export interface MessageQuery {
  /** Only this maildrop's; all if absent. */
  readonly maildrop?: string;
  /** At most this many; all if absent. */
  readonly limit?: number;
  /**
   * By what they are sorted, newest first: `stored` (if absent) by when they were stored, `date` by the message's own date,
   * or by when it was stored where it has none.
   */
  readonly order?: "stored" | "date";
}

/** The stored messages, to read. */
export interface Messages {
  /** Stored messages, newest stored first. */
  messages(query?: MessageQuery): AsyncIterable<StoredMessage>;
  /** The messages whose id begins with `idPrefix` (lower case), at most two: none, the one, or "ambiguous". */
  findMessages(idPrefix: string): Promise<readonly StoredMessage[]>;
  /** The hooks that are still to be told of this message, sorted. */
  pendingHooks(messageId: string): Promise<readonly string[]>;
  /** The message's octets exactly as they arrived, in order. Throws if there is no such message. */
  content(messageId: string): AsyncIterable<Uint8Array>;
}
