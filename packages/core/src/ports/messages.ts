import type { DateKind } from "../message/header.ts";

/** A stored message's row, without its content. */
export interface StoredMessage {
  /** UUIDv7 in lower case. */
  readonly id: string;
  /** The maildrop's name. */
  readonly maildrop: string;
  /** SHA-256 of the octets as they arrived (32 octets). */
  readonly sha256: Uint8Array;
  /** Number of octets as they arrived. */
  readonly octets: number;
  /** The value of the header's Message-ID field as it stands. */
  readonly messageIdHeader: string | null;
  readonly subject: string | null;
  readonly from: string | null;
  readonly to: string | null;
  readonly date: Date | null;
  /** How sure the date is. Null if there is none, or if an older version stored the message. */
  readonly dateKind: DateKind | null;
  /** True if the header says that the message holds more than text; null if an older version stored the message. */
  readonly attachments: boolean | null;
  /** The `DECODER_VERSION` of the code that read these fields from the header; 0 for code that had none yet. */
  readonly decoder: number;
  readonly storedAt: Date;
}

/** Which stored messages to read. */
export interface MessageQuery {
  /** The name of the maildrop whose messages to read; all maildrops if absent. */
  readonly maildrop?: string;
  /** At most this many; all if absent. */
  readonly limit?: number;
  /** Sorts newest first: `stored` (the default) by the time of storing, `date` by the message's date if it has one. */
  readonly order?: "stored" | "date";
}

/** The part of a store that reads stored messages. */
export interface Messages {
  /** The messages that `query` asks for, newest first. */
  messages(query?: MessageQuery): AsyncIterable<StoredMessage>;
  /** At most two messages whose id begins with `idPrefix` (lower case); two mean that the prefix is ambiguous. */
  findMessages(idPrefix: string): Promise<readonly StoredMessage[]>;
  /** The names of the hooks that were not told of this message yet, sorted. */
  pendingHooks(messageId: string): Promise<readonly string[]>;
  /** The message's octets exactly as they arrived, in order. Throws if there is no such message. */
  content(messageId: string): AsyncIterable<Uint8Array>;
}
