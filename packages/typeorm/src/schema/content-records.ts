/** A row of `message_content`: what there is to read in a message. */
export interface MessageContentRecord {
  messageId: string;
  /** The version of what read the message. */
  parser: number;
  madeAt: Date;
  hasAttachment: boolean;
  textCut: boolean;
  inReplyTo: string | null;
  preview: string | null;
  /** Message-ids, parted by a space. */
  references: string | null;
  /** What was wrong with the message, a line each. */
  faults: string | null;
  text: string | null;
  html: string | null;
}

/** A row of `message_part`: a text or an attachment of a message. */
export interface MessagePartRecord {
  messageId: string;
  /** 0 for the first part. */
  seq: number;
  number: string;
  mimeType: string;
  charset: string | null;
  fileName: string | null;
  disposition: string | null;
  contentId: string | null;
  octets: number;
  sha256: Uint8Array;
  /** `text`, `alternative` or `attachment`. */
  use: string;
}

/** A row of `message_address`: somebody whom a message names. */
export interface MessageAddressRecord {
  messageId: string;
  /** 0 for the first address. */
  seq: number;
  /** `from`, `sender`, `reply-to`, `to`, `cc` or `bcc`. */
  role: string;
  /** In lower case. */
  address: string;
  displayName: string | null;
}

/** A row of `message_reference`: a message-id that a message has or names. */
export interface MessageReferenceRecord {
  messageId: string;
  /** 0: its own. From 1: what it answers, the beginning of the conversation first. */
  seq: number;
  /** The first 16 octets of the SHA-256 of the message-id in its angle brackets. */
  digest: Uint8Array;
}

/** A row of `attachment`: a decoded attachment, however many messages have it. */
export interface AttachmentRecord {
  sha256: Uint8Array;
  octets: number;
}

/** A row of `attachment_chunk`: a part of an attachment's octets. */
export interface AttachmentChunkRecord {
  sha256: Uint8Array;
  /** 0 for the first part. */
  seq: number;
  content: Uint8Array;
}

/** A row of `message_attachment`: an attachment is kept for a message. */
export interface MessageAttachmentRecord {
  messageId: string;
  sha256: Uint8Array;
}

/** A row of `content_state`: who reads a message to make its derived rows, and what came of it. */
export interface ContentStateRecord {
  messageId: string;
  /** `claimed`, `released`, `tried`, `failed` (given up), `made` or `complete` (made, and its attachments are kept). */
  state: string;
  parser: number;
  changedAt: Date;
  attempts: number;
  claimToken: string | null;
  claimedUntil: Date | null;
  failure: string | null;
}

/** The row of `content_mark`: all messages up to `upTo` were looked at, save those between `gapFrom` and `gapTo`. */
export interface ContentMarkRecord {
  id: number;
  gapFrom: string;
  gapTo: string;
  upTo: string;
  lookedAt: Date;
}
