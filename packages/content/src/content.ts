/** A message as a person reads it. Nothing in it is made safe for a terminal or a page. */
export interface MessageContent {
  /** All header fields in their order. */
  readonly headers: readonly ContentHeader[];
  /**
   * What there is to read, its lines parted by LF: of several versions of a text the plain one, HTML as text, attached
   * messages with their subject, the events of calendars, the reports of servers. Empty if there is nothing to read.
   */
  readonly text: string;
  /** The source of the message's first HTML part; null if it has none. */
  readonly html: string | null;
  /** All parts that have no parts of their own, and attached messages, in their order. */
  readonly parts: readonly ContentPart[];
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

/** A part of a message: a text, an attachment, an attached message. */
export interface ContentPart {
  /** Its number as IMAP counts parts (RFC 9051 section 6.4.5), for example `2.1`; a file within a text has that text's. */
  readonly number: string;
  /** Its media type in lower case: as the part states it, or what it is taken for. */
  readonly mimeType: string;
  /** The charset that it is read in; null if it is no text. */
  readonly charset: string | null;
  /** Its file's name without folders and control characters; null if it has none. */
  readonly fileName: string | null;
  /** What Content-Disposition says; null if there is none. Anything but `inline` counts as `attachment`. */
  readonly disposition: "inline" | "attachment" | null;
  /** How many octets it has when it is decoded. */
  readonly octets: number;
  /** `text`: it is in the message's text. `alternative`: another version of it is in the text. `attachment`: neither. */
  readonly use: "text" | "alternative" | "attachment";
}
