import type { EntitySchemaOptions } from "typeorm";
import { TEXT_LENGTH } from "../values/stored-text.ts";
import type { ColumnKinds } from "./columns.ts";
import { ofMaildrop } from "./of-maildrop.ts";
import { ofMessage } from "./of-message.ts";
import type { MessageChunkRecord, MessageRecord, OutboxRecord } from "./records.ts";
import type { TableNames } from "./table-names.ts";

/** `message`: one row for each stored message; the octets are in the chunks. */
export function messageSchema(kinds: ColumnKinds, names: TableNames): EntitySchemaOptions<MessageRecord> {
  const table = names.message;
  const addresses = kinds.text(TEXT_LENGTH.addresses);
  return {
    name: table,
    tableName: table,
    columns: {
      id: { ...kinds.uuid, primary: true, primaryKeyConstraintName: `${table}_pk` },
      maildropId: { ...kinds.integer, name: "maildrop_id" },
      digest: kinds.digest,
      copy: { ...kinds.integer, name: "copy_number" },
      sha256: kinds.digest,
      octets: kinds.octets,
      messageIdHeader: {
        ...kinds.text(TEXT_LENGTH.messageIdHeader),
        name: "message_id_header",
        nullable: true,
      },
      subject: { ...kinds.text(TEXT_LENGTH.subject), nullable: true },
      from: { ...addresses, name: "from_header", nullable: true },
      to: { ...addresses, name: "to_header", nullable: true },
      date: { ...kinds.time, name: "date_header", nullable: true },
      storedAt: { ...kinds.time, name: "stored_at" },
      decoder: { ...kinds.integer, nullable: true },
      dateKind: { ...kinds.text(10), name: "date_kind", nullable: true },
      attachments: { ...kinds.flag, nullable: true },
    },
    uniques: [{ name: `${table}_copy_uq`, columns: ["maildropId", "digest", "copy"] }],
    indices: [{ name: `${table}_stored_ix`, columns: ["maildropId", "id"] }],
    foreignKeys: [ofMaildrop(names, table)],
  };
}

/** `message_chunk`: a message's octets exactly as they arrived, in parts. */
export function messageChunkSchema(
  kinds: ColumnKinds,
  names: TableNames,
): EntitySchemaOptions<MessageChunkRecord> {
  const table = names.messageChunk;
  const key = { primary: true, primaryKeyConstraintName: `${table}_pk` };
  return {
    name: table,
    tableName: table,
    columns: {
      messageId: { ...kinds.uuid, ...key, name: "message_id" },
      seq: { ...kinds.integer, ...key },
      content: kinds.content,
    },
    foreignKeys: [ofMessage(names, table)],
  };
}

/** `outbox`: what is still to be told to whom of a stored message. */
export function outboxSchema(kinds: ColumnKinds, names: TableNames): EntitySchemaOptions<OutboxRecord> {
  const table = names.outbox;
  const key = { primary: true, primaryKeyConstraintName: `${table}_pk` };
  return {
    name: table,
    tableName: table,
    columns: {
      messageId: { ...kinds.uuid, ...key, name: "message_id" },
      hook: { ...kinds.exactText(255), ...key },
      maildropId: { ...kinds.integer, name: "maildrop_id" },
      idempotencyKey: { ...kinds.uuid, name: "idempotency_key" },
      state: kinds.text(10),
      attempts: kinds.integer,
      due: { ...kinds.time, name: "due_at", nullable: true },
      deliveredAt: { ...kinds.time, name: "delivered_at", nullable: true },
      reasonCode: { ...kinds.text(TEXT_LENGTH.reasonCode), name: "reason_code", nullable: true },
      reasonMessage: { ...kinds.text(TEXT_LENGTH.reasonMessage), name: "reason_message", nullable: true },
      createdAt: { ...kinds.time, name: "created_at" },
    },
    uniques: [{ name: `${table}_idempotency_uq`, columns: ["idempotencyKey"] }],
    indices: [{ name: `${table}_lane_ix`, columns: ["state", "maildropId", "hook", "messageId"] }],
    foreignKeys: [ofMessage(names, table)],
  };
}
