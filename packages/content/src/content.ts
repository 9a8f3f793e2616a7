import type { MessageDate } from "@mailonce/core/message";

/** A message as a person reads it. Nothing in it is made safe for a terminal or a page. */
export interface MessageContent {
  /** All header fields in their order. */
  readonly headers: readonly ContentHeader[];
  /** What `readHeader` of `@mailonce/core/message` gives as the subject; null if there is none. */
  readonly subject: string | null;
  /** What the Date field says, and why it may mean another moment; null if it says no date that exists. */
  readonly date: MessageDate | null;
  /** The addresses of the header, by their roles in the order of `AddressRole`, and then as they stand. */
  readonly addresses: readonly ContentAddress[];
  /** The message's own message-id, in angle brackets; null if it has none. */
  readonly messageId: string | null;
  /** The first message-id of In-Reply-To, in angle brackets; null if there is none. */
  readonly inReplyTo: string | null;
  /** The message-ids of References, in angle brackets: the beginning of the conversation first. */
  readonly references: readonly string[];
  /**
   * What there is to read, its lines parted by LF: of several versions of a text the plain one, HTML as text, attached
   * messages with their subject, the events of calendars, the reports of servers. Empty if there is nothing to read.
   */
  readonly text: string;
  /**
   * The beginning of the text in one line, for a list: at most 200 UTF-16 code units, not cut within what a person takes for
   * one character; without quotations and the lines that introduce them where anything else remains.
   */
  readonly preview: string;
  /** The source of the message's first HTML part; null if it has none. */
  readonly html: string | null;
  /** All parts that have no parts of their own, and attached messages, in their order. */
  readonly parts: readonly ContentPart[];
  /**
   * Whether the message holds a file that is neither shown as text nor a picture that its HTML shows (`cid:`). An attached
   * message that says that it is an attachment is such a file, a signature is none.
   */
  readonly hasAttachment: boolean;
  /** What was wrong with the message, in words; empty if nothing was found. */
  readonly faults: readonly string[];
}

/** A header field as a person reads it. */
export interface ContentHeader {
  /** As it is written. */
  readonly name: string;
  /** Unfolded, encoded words decoded. */
  readonly value: string;
}

/** The fields that hold addresses, in the order in which `addresses` has them. */
export const ADDRESS_ROLES = ["from", "sender", "reply-to", "to", "cc", "bcc"] as const;
/** The name of the field that an address stands in, in lower case. */
export type AddressRole = (typeof ADDRESS_ROLES)[number];

/** An address in the header (RFC 5322 section 3.4). */
export interface ContentAddress {
  readonly role: AddressRole;
  /** The display name, decoded; if there is none, the comment that stands for it; null if there is neither. */
  readonly name: string | null;
  /** As it is written, without white space, comments and route; null if there is a name alone. */
  readonly address: string | null;
  /** The address in lower case, to compare addresses by; its domain is not encoded in another way. Null as `address` is. */
  readonly addressKey: string | null;
  /** The name of the group that it stands in; null if it stands in none. A group without addresses is left out. */
  readonly group: string | null;
}

/** A part of a message: a text, an attachment, an attached message. */
export interface ContentPart {
  /** Its number as IMAP counts parts (RFC 9051 section 6.4.5), for example `2.1`. */
  readonly number: string;
  /** 0; for a file within a text (uuencode, yEnc), which has that text's number, its place among the files there, from 1. */
  readonly fileIndex: number;
  /** Its media type in lower case: as the part states it, or what it is taken for. */
  readonly mimeType: string;
  /** The charset that it is read in; null if it is no text. */
  readonly charset: string | null;
  /** Its file's name without folders and control characters; null if it has none. */
  readonly fileName: string | null;
  /** What Content-Disposition says; null if there is none. Anything but `inline` counts as `attachment`. */
  readonly disposition: "inline" | "attachment" | null;
  /** Content-ID without its angle brackets, by which HTML refers to it (`cid:`); null if there is none. */
  readonly contentId: string | null;
  /** How many octets it has when it is decoded. */
  readonly octets: number;
  /** The SHA-256 of these octets: 32 octets. */
  readonly sha256: Uint8Array;
  /** `text`: it is in the message's text. `alternative`: another version of it is in the text. `attachment`: neither. */
  readonly use: "text" | "alternative" | "attachment";
}
