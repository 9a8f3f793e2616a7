import type { EntitySchemaOptions } from "typeorm";
import { TEXT_LENGTH } from "../values/stored-text.ts";
import type { ColumnKinds } from "./columns.ts";
import type {
  AttachmentChunkRecord,
  AttachmentRecord,
  ContentMarkRecord,
  ContentStateRecord,
  MessageAddressRecord,
  MessageAttachmentRecord,
  MessageContentRecord,
  MessagePartRecord,
  MessageReferenceRecord,
} from "./content-records.ts";
import { ofMessage } from "./of-message.ts";
import type { TableNames } from "./table-names.ts";

/** `message_content`: what there is to read in a message. */
export function messageContentSchema(
  kinds: ColumnKinds,
  names: TableNames,
): EntitySchemaOptions<MessageContentRecord> {
  const table = names.messageContent;
  return {
    name: table,
    tableName: table,
    columns: {
      messageId: messageKey(kinds, table),
      parser: kinds.integer,
      madeAt: { ...kinds.time, name: "made_at" },
      hasAttachment: { ...kinds.flag, name: "has_attachment" },
      textCut: { ...kinds.flag, name: "text_cut" },
      inReplyTo: { ...kinds.text(TEXT_LENGTH.inReplyTo), name: "in_reply_to", nullable: true },
      preview: { ...kinds.text(TEXT_LENGTH.preview), nullable: true },
      references: { ...kinds.longText, name: "references_header", nullable: true },
      faults: { ...kinds.longText, nullable: true },
      text: { ...kinds.longText, nullable: true },
      html: { ...kinds.longText, nullable: true },
    },
    indices: [{ name: `${table}_reply_ix`, columns: ["inReplyTo"] }],
    foreignKeys: [ofMessage(names, table)],
  };
}

/** `message_part`: the texts and attachments that a message is made of. */
export function messagePartSchema(
  kinds: ColumnKinds,
  names: TableNames,
): EntitySchemaOptions<MessagePartRecord> {
  const table = names.messagePart;
  return {
    name: table,
    tableName: table,
    withoutRowid: true,
    columns: {
      ...numberedInMessage(kinds, table),
      number: { ...kinds.text(TEXT_LENGTH.partNumber), name: "part_number" },
      mimeType: { ...kinds.text(TEXT_LENGTH.mimeType), name: "mime_type" },
      charset: { ...kinds.text(TEXT_LENGTH.charset), nullable: true },
      fileName: { ...kinds.text(TEXT_LENGTH.fileName), name: "file_name", nullable: true },
      disposition: { ...kinds.text(10), nullable: true },
      contentId: { ...kinds.text(TEXT_LENGTH.contentId), name: "content_id", nullable: true },
      octets: kinds.octets,
      sha256: kinds.digest,
      use: { ...kinds.text(11), name: "part_use" },
    },
    foreignKeys: [ofMessage(names, table)],
  };
}

/** `message_address`: who wrote a message, and to whom. */
export function messageAddressSchema(
  kinds: ColumnKinds,
  names: TableNames,
): EntitySchemaOptions<MessageAddressRecord> {
  const table = names.messageAddress;
  return {
    name: table,
    tableName: table,
    withoutRowid: true,
    columns: {
      ...numberedInMessage(kinds, table),
      role: kinds.text(10),
      address: kinds.plainText(TEXT_LENGTH.address),
      displayName: { ...kinds.text(TEXT_LENGTH.displayName), name: "display_name", nullable: true },
    },
    // The messages' ids are in the order of time: by one sender, newest first.
    indices: [{ name: `${table}_address_ix`, columns: ["role", "address", "messageId"] }],
    foreignKeys: [ofMessage(names, table)],
  };
}

/** `message_reference`: the message-ids by which conversations are found. */
export function messageReferenceSchema(
  kinds: ColumnKinds,
  names: TableNames,
): EntitySchemaOptions<MessageReferenceRecord> {
  const table = names.messageReference;
  return {
    name: table,
    tableName: table,
    withoutRowid: true,
    columns: {
      ...numberedInMessage(kinds, table),
      digest: kinds.shortDigest,
    },
    indices: [{ name: `${table}_digest_ix`, columns: ["digest", "seq", "messageId"] }],
    foreignKeys: [ofMessage(names, table)],
  };
}

/** `attachment`: decoded attachments, each content once; the octets are in the chunks. */
export function attachmentSchema(
  kinds: ColumnKinds,
  names: TableNames,
): EntitySchemaOptions<AttachmentRecord> {
  const table = names.attachment;
  return {
    name: table,
    tableName: table,
    columns: {
      sha256: { ...kinds.digest, primary: true, primaryKeyConstraintName: `${table}_pk` },
      octets: kinds.octets,
    },
  };
}

/** `attachment_chunk`: an attachment's octets, in parts. */
export function attachmentChunkSchema(
  kinds: ColumnKinds,
  names: TableNames,
): EntitySchemaOptions<AttachmentChunkRecord> {
  const table = names.attachmentChunk;
  const key = { primary: true, primaryKeyConstraintName: `${table}_pk` };
  return {
    name: table,
    tableName: table,
    columns: {
      sha256: { ...kinds.digest, ...key },
      seq: { ...kinds.integer, ...key },
      content: kinds.content,
    },
    foreignKeys: [ofAttachment(names, table)],
  };
}

/** `message_attachment`: which attachments are kept for which message. */
export function messageAttachmentSchema(
  kinds: ColumnKinds,
  names: TableNames,
): EntitySchemaOptions<MessageAttachmentRecord> {
  const table = names.messageAttachment;
  return {
    name: table,
    tableName: table,
    withoutRowid: true,
    columns: {
      messageId: messageKey(kinds, table),
      sha256: { ...kinds.digest, primary: true, primaryKeyConstraintName: `${table}_pk` },
    },
    indices: [{ name: `${table}_attachment_ix`, columns: ["sha256"] }],
    foreignKeys: [ofMessage(names, table), ofAttachment(names, table)],
  };
}

/** The foreign key of a table whose rows belong to an attachment, and go with it. */
function ofAttachment(names: TableNames, table: string) {
  return {
    name: `${table}_attachment_fk`,
    target: names.attachment,
    columnNames: ["sha256"],
    referencedColumnNames: ["sha256"],
    onDelete: "CASCADE" as const,
  };
}

/** `content_state`: who reads a message, and what came of it. */
export function contentStateSchema(
  kinds: ColumnKinds,
  names: TableNames,
): EntitySchemaOptions<ContentStateRecord> {
  const table = names.contentState;
  return {
    name: table,
    tableName: table,
    withoutRowid: true,
    columns: {
      messageId: messageKey(kinds, table),
      state: kinds.text(10),
      parser: kinds.integer,
      changedAt: { ...kinds.time, name: "changed_at" },
      attempts: kinds.integer,
      claimToken: { ...kinds.text(64), name: "claim_token", nullable: true },
      claimedUntil: { ...kinds.time, name: "claimed_until", nullable: true },
      failure: { ...kinds.text(TEXT_LENGTH.reasonMessage), nullable: true },
    },
    indices: [{ name: `${table}_state_ix`, columns: ["state", "parser", "changedAt"] }],
    foreignKeys: [ofMessage(names, table)],
  };
}

/** `content_mark`: one row, which says how far messages were looked at. */
export function contentMarkSchema(
  kinds: ColumnKinds,
  names: TableNames,
): EntitySchemaOptions<ContentMarkRecord> {
  const table = names.contentMark;
  return {
    name: table,
    tableName: table,
    columns: {
      id: { ...kinds.integer, primary: true, primaryKeyConstraintName: `${table}_pk` },
      gapFrom: { ...kinds.uuid, name: "gap_from" },
      gapTo: { ...kinds.uuid, name: "gap_to" },
      upTo: { ...kinds.uuid, name: "looked_up_to" },
      lookedAt: { ...kinds.time, name: "looked_at" },
    },
  };
}

/** The primary key of a table that has several rows for a message, which are counted from 0. */
function numberedInMessage(kinds: ColumnKinds, table: string) {
  return {
    messageId: messageKey(kinds, table),
    seq: { ...kinds.integer, primary: true, primaryKeyConstraintName: `${table}_pk` },
  };
}

/** The column of a table's primary key that names the message. */
function messageKey(kinds: ColumnKinds, table: string) {
  return {
    ...kinds.uuid,
    name: "message_id",
    primary: true,
    primaryKeyConstraintName: `${table}_pk`,
  } as const;
}
