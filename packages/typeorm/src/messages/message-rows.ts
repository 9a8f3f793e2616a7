import type { DateKind, NewMessage, StoredMessage } from "@mailonce/core";
import type { Dialect } from "../database/dialect.ts";
import type { TableNames } from "../schema/table-names.ts";
import { octetsOf } from "../values/octets.ts";
import type { Row, Value } from "../values/row.ts";
import { readDate, storedDate, storedTime } from "../values/stored-date.ts";
import { readExactText, storedText, TEXT_LENGTH } from "../values/stored-text.ts";
import { octetsToUuid, uuidToOctets } from "../values/uuid-octets.ts";

/** The columns of `message` that are made from the header, in the order of {@link headerValues}. */
export const HEADER_COLUMNS = [
  "message_id_header",
  "subject",
  "from_header",
  "to_header",
  "date_header",
  "date_kind",
  "attachments",
  "decoder",
] as const;

/** The columns of `message` in the order of {@link messageValues}. */
export const MESSAGE_COLUMNS = [
  "id",
  "maildrop_id",
  "digest",
  "copy_number",
  "sha256",
  "octets",
  ...HEADER_COLUMNS,
  "stored_at",
] as const;

export function messageValues(maildropId: number, message: NewMessage): readonly Value[] {
  return [
    uuidToOctets(message.id),
    maildropId,
    message.digest,
    message.copy,
    message.sha256,
    message.octets,
    ...headerValues(message),
    storedTime(message.storedAt),
  ];
}

/** What is kept of a message's header, and the version that read it. */
export type ReadFields = Pick<
  NewMessage,
  "messageIdHeader" | "subject" | "from" | "to" | "date" | "dateKind" | "attachments" | "decoder"
>;

/** The values of these columns. Any header has some: texts that are too long are cut, impossible dates are null. */
export function headerValues(message: ReadFields): readonly Value[] {
  const date = storedDate(message.date);
  return [
    storedText(message.messageIdHeader, TEXT_LENGTH.messageIdHeader),
    storedText(message.subject, TEXT_LENGTH.subject),
    storedText(message.from, TEXT_LENGTH.addresses),
    storedText(message.to, TEXT_LENGTH.addresses),
    date,
    date === null ? null : message.dateKind,
    message.attachments === null ? null : Number(message.attachments),
    message.decoder,
  ];
}

/**
 * `SELECT … FROM …` of {@link readMessage}; the message's table is `m`. The maildrop's name is looked up for each row:
 * given a join, MariaDB begins at the maildrops and sorts all messages for every page.
 */
export function selectMessages(dialect: Dialect, names: TableNames): string {
  return `SELECT m.id AS id, (SELECT d.name FROM ${names.maildrop} d WHERE d.id = m.maildrop_id) AS maildrop,
      m.sha256 AS sha256, m.octets AS octets, m.message_id_header AS message_id_header, m.subject AS subject,
      m.from_header AS from_header, m.to_header AS to_header, m.date_kind AS date_kind,
      m.attachments AS attachments, m.decoder AS decoder,
      ${dialect.date("m.date_header", "date_header")}, ${dialect.date("m.stored_at", "stored_at")}
    FROM ${names.message} m`;
}

export function readMessage(row: Row): StoredMessage {
  return {
    id: octetsToUuid(octetsOf(row["id"])),
    maildrop: readExactText(row["maildrop"]),
    sha256: octetsOf(row["sha256"]),
    octets: Number(row["octets"]),
    messageIdHeader: textOrNull(row["message_id_header"]),
    subject: textOrNull(row["subject"]),
    from: textOrNull(row["from_header"]),
    to: textOrNull(row["to_header"]),
    date: readDate(row["date_header"]),
    dateKind: dateKindOf(row["date_kind"]),
    attachments: row["attachments"] === null ? null : Number(row["attachments"]) !== 0,
    decoder: Number(row["decoder"] ?? 0),
    storedAt: readDate(row["stored_at"]) ?? new Date(0),
  };
}

/** Null also for a kind that only a later version knows. */
function dateKindOf(value: unknown): DateKind | null {
  return value === "stated" || value === "doubtful" || value === "received" ? value : null;
}

function textOrNull(value: unknown): string | null {
  return value === null ? null : String(value);
}
