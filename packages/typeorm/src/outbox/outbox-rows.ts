import { randomBytes } from "node:crypto";
import type { NewMessage } from "@mailonce/core";
import type { Dialect } from "../database/dialect.ts";
import type { Gateway, Statements } from "../database/gateway.ts";
import { insertRows } from "../database/row-inserter.ts";
import type { TableNames } from "../schema/table-names.ts";
import { octetsOf } from "../values/octets.ts";
import type { Row, Value } from "../values/row.ts";
import { readDate, storedTime } from "../values/stored-date.ts";
import { readExactText } from "../values/stored-text.ts";
import { octetsToUuid, uuidToOctets } from "../values/uuid-octets.ts";
import type { OutboxEntry } from "./outbox-entry.ts";

const COLUMNS = [
  "message_id",
  "hook",
  "maildrop_id",
  "idempotency_key",
  "state",
  "attempts",
  "due_at",
  "created_at",
] as const;

/** One row for each message and hook, in the transaction that stores the messages. They come sorted by id. */
export async function insertOutboxRows(
  statements: Statements,
  names: TableNames,
  maildropId: number,
  messages: readonly NewMessage[],
): Promise<void> {
  const rows = messages.flatMap(({ id, storedAt, hooks = [] }) => {
    const time = storedTime(storedAt);
    return hooks.toSorted().map((hook): readonly Value[] => {
      const name = statements.dialect.exactText(hook);
      return [uuidToOctets(id), name, maildropId, randomBytes(16), "pending", 0, time, time];
    });
  });
  await insertRows(statements, { table: names.outbox, columns: COLUMNS }, rows);
}

/** The hooks that are still to be told of the message, sorted. */
export async function pendingHooks(
  gateway: Gateway,
  names: TableNames,
  messageId: string,
): Promise<readonly string[]> {
  const id = uuidToOctets(messageId);
  const rows = await gateway.read((statements) =>
    statements.rows(
      `SELECT hook FROM ${names.outbox} WHERE message_id = ? AND state = 'pending' ORDER BY hook`,
      [id],
    ),
  );
  return rows.map((row) => readExactText(row["hook"]));
}

/** `SELECT … FROM …` of {@link readOutboxEntry}; the row is `o`. */
export function selectOutbox(dialect: Dialect, names: TableNames): string {
  const date = (column: string): string => dialect.date(`o.${column}`, column);
  return `SELECT o.message_id AS message_id, o.hook AS hook, o.idempotency_key AS idempotency_key, o.state AS state,
      (SELECT d.name FROM ${names.maildrop} d WHERE d.id = o.maildrop_id) AS maildrop, o.attempts AS attempts,
      ${date("due_at")}, ${date("delivered_at")}, ${date("created_at")}, o.reason_code AS reason_code,
      o.reason_message AS reason_message
    FROM ${names.outbox} o`;
}

export function readOutboxEntry(row: Row): OutboxEntry {
  const state = String(row["state"]);
  return {
    messageId: octetsToUuid(octetsOf(row["message_id"])),
    hook: readExactText(row["hook"]),
    maildrop: readExactText(row["maildrop"]),
    idempotencyKey: octetsToUuid(octetsOf(row["idempotency_key"])),
    state: state === "delivered" || state === "dead" ? state : "pending",
    attempts: Number(row["attempts"]),
    due: readDate(row["due_at"]),
    deliveredAt: readDate(row["delivered_at"]),
    createdAt: readDate(row["created_at"]) ?? new Date(0),
    reason:
      row["reason_code"] === null
        ? null
        : { code: String(row["reason_code"]), message: String(row["reason_message"] ?? "") },
  };
}
