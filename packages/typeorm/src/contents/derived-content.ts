import type { Content } from "@mailonce/core";

/** Which part a person has in a message. */
export type AddressRole = "from" | "sender" | "reply-to" | "to" | "cc" | "bcc";

/** Somebody whom a message names. */
export interface DerivedAddress {
  readonly role: AddressRole;
  /** Kept in lower case. */
  readonly address: string;
  readonly displayName: string | null;
}

/** A text or an attachment that a message is made of. */
export interface DerivedPart {
  /** Its number as IMAP counts parts (RFC 9051 section 6.4.5), for example `2.1`. */
  readonly number: string;
  readonly mimeType: string;
  /** The charset that it is read in; null if it is no text. */
  readonly charset: string | null;
  readonly fileName: string | null;
  readonly disposition: "inline" | "attachment" | null;
  readonly contentId: string | null;
  /** How many octets it has when it is decoded. */
  readonly octets: number;
  /** SHA-256 of these octets: 32 octets. */
  readonly sha256: Uint8Array;
  /** `text`: it is in the message's text. `alternative`: another version of it is. `attachment`: neither. */
  readonly use: "text" | "alternative" | "attachment";
}

/**
 * What there is to read in a message. All of it comes from the message's octets, and can be made from them again. Texts are
 * cut to their columns; NUL and what is no character become U+FFFD.
 */
export interface DerivedContent {
  /** Null: it is not kept. At most 3 MiB of it are, in UTF-8; less where a server takes smaller packets than 8 MiB. */
  readonly text: string | null;
  /** True: the text goes on. */
  readonly textCut: boolean;
  /** The source of the first HTML part, cut like the text; null: there is none, or it is not kept. */
  readonly html: string | null;
  /** The beginning of the text, in 200 characters; null if there is nothing to read. */
  readonly preview: string | null;
  readonly hasAttachment: boolean;
  /** The message-id that it answers. */
  readonly inReplyTo: string | null;
  /** The message-ids of its References field. */
  readonly references: readonly string[];
  /** What was wrong with the message, in words. */
  readonly faults: readonly string[];
  readonly parts: readonly DerivedPart[];
  readonly addresses: readonly DerivedAddress[];
}

/** What is to be kept of a stored message. */
export interface NewContent extends DerivedContent {
  /** The message's id. */
  readonly id: string;
  /** The version of what read it. */
  readonly parser: number;
  /**
   * The tokens by which it is found, of `messageTokens` of `@mailonce/core/search`; absent: it is not found by its words. They
   * are not given back.
   */
  readonly tokens?: readonly string[];
  /**
   * Its own message-id, in angle brackets like the others, by which what answers it is found; absent or null: nothing does. It
   * is not given back.
   */
  readonly messageId?: string | null;
  /**
   * SHA-256 of those of its attachments that are kept, see {@link StoredContents.keepAttachments}. Absent: no attachment was to be
   * kept, and who claims with `attachments` gets the message again.
   */
  readonly attachments?: readonly Uint8Array[];
}

/** What is kept of a stored message. */
export interface StoredContent extends Omit<NewContent, "tokens" | "messageId" | "attachments"> {
  /** SHA-256 of those of its attachments that are kept, in their order. */
  readonly attachments: readonly Uint8Array[];
  readonly madeAt: Date;
}

/** A message that was claimed, to be read. */
export interface ClaimedMessage {
  readonly id: string;
  /** How large it is. */
  readonly octets: number;
  /** How often it was tried in vain; such a message is always claimed alone. */
  readonly attempts: number;
}

/** What to claim, and for whom. */
export interface ContentClaim {
  /** The version of what reads messages now. What a later version has made, or given up, is left as it is. */
  readonly parser: number;
  /** How many messages at most; no more than 1000 are given at once. */
  readonly limit: number;
  /** Who claims: a text that nobody else uses, of at most 64 characters. */
  readonly token: string;
  /** How long others leave the messages alone, by the database's clock; at most two hours. */
  readonly ttlMs: number;
  /** What was made, or given up, before this time is made anew: a time of {@link StoredContents.present}. */
  readonly rebuildBefore?: Date;
  /** True: messages that were saved without `attachments` are made anew, too. */
  readonly attachments?: boolean;
  /**
   * True: when nothing else is found all messages are looked at anew, once for each token, those included that a wrong clock
   * has put where everything was done. None is left out when a claim gives none.
   */
  readonly exact?: boolean;
}

/** A decoded attachment that is to be kept. */
export interface NewAttachment {
  /** SHA-256 of its octets. */
  readonly sha256: Uint8Array;
  /** Its octets; read once, or again where the database broke the transaction off. */
  readonly content: Content;
}

/** What is kept of attachments. */
export interface AttachmentStatus {
  readonly attachments: number;
  /** How many octets they have together. */
  readonly octets: number;
}

/** How far the derived rows are. Each message is in one of `made`, `waiting`, `claimed` and `failed`. */
export interface ContentStatus {
  readonly messages: number;
  /** Made by this version, or a later one. */
  readonly made: number;
  /** Of those that wait: how many have rows, which an older version has made, or without the attachments that are wanted. */
  readonly outdated: number;
  readonly waiting: number;
  /** Somebody has it in hand, or died with it. */
  readonly claimed: number;
  /** Given up by this version, or a later one. */
  readonly failed: number;
}
