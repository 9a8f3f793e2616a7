import type { StoredMessage } from "@mailonce/core";
import type { Gateway } from "../database/gateway.ts";
import { keyLists } from "../database/key-lists.ts";
import { maildropIdOf } from "../database/maildrop-id.ts";
import { readMessage, selectMessages } from "../messages/message-rows.ts";
import type { TableNames } from "../schema/table-names.ts";
import { octetsOf } from "../values/octets.ts";
import { octetsToUuid, uuidToOctets } from "../values/uuid-octets.ts";

/** Messages that one statement goes over. */
const STRETCH = 10_000;
/** New messages that are read at once. */
const PAGE = 200;

const LOWEST: Uint8Array = new Uint8Array(16);

/**
 * The messages of a maildrop, or of all, one maildrop after the other, that an export has not had; of each maildrop those
 * stored first come first. The ids of all messages are compared with all notes, because no mark is safe: a message may be
 * committed after another one with a later id, by a process whose clock is slow or that was held up.
 */
export async function* newMessages(
  gateway: Gateway,
  names: TableNames,
  exportId: number,
  maildrop: string | null,
): AsyncGenerator<StoredMessage> {
  for (const maildropId of await maildropIds(gateway, names, maildrop)) {
    for (let after: Uint8Array | null = LOWEST; after !== null; ) {
      const stretch: Stretch = await nextStretch(gateway, names, { exportId, maildropId, after });
      const byId = await messagesOf(gateway, names, stretch.keys);
      for (const key of stretch.keys) {
        const message = byId.get(octetsToUuid(key));
        if (message !== undefined) yield message;
      }
      after = stretch.next;
    }
  }
}

async function maildropIds(
  gateway: Gateway,
  names: TableNames,
  maildrop: string | null,
): Promise<readonly number[]> {
  return gateway.read(async (statements) => {
    if (maildrop !== null) {
      const id = await maildropIdOf(statements, names, maildrop);
      return id === null ? [] : [id];
    }
    const rows = await statements.rows(`SELECT id FROM ${names.maildrop} ORDER BY id`, []);
    return rows.map((row) => Number(row["id"]));
  });
}

interface Stretch {
  readonly keys: readonly Uint8Array[];
  /** Where to go on; null if this was the last. */
  readonly next: Uint8Array | null;
}

/** The next new messages of a maildrop, perhaps none. The index that is named has all that is asked for. */
function nextStretch(
  gateway: Gateway,
  { message, exportedMessage }: TableNames,
  {
    exportId,
    maildropId,
    after,
  }: { readonly exportId: number; readonly maildropId: number; readonly after: Uint8Array },
): Promise<Stretch> {
  return gateway.read(async (statements) => {
    const from = `FROM ${message} m ${statements.dialect.useIndex(`${message}_stored_ix`)}`;
    const [end] = await statements.rows(
      `SELECT m.id AS id ${from} WHERE m.maildrop_id = ? AND m.id > ? ORDER BY m.id LIMIT 1 OFFSET ${STRETCH - 1}`,
      [maildropId, after],
    );
    const last = end === undefined ? null : octetsOf(end["id"]);
    const rows = await statements.rows(
      `SELECT m.id AS id ${from}
       LEFT JOIN ${exportedMessage} e ON e.export_id = ? AND e.message_id = m.id
       WHERE m.maildrop_id = ? AND m.id > ?${last === null ? "" : " AND m.id <= ?"} AND e.message_id IS NULL
       ORDER BY m.id LIMIT ${PAGE}`,
      [exportId, maildropId, after, ...(last === null ? [] : [last])],
    );
    const keys = rows.map((row) => octetsOf(row["id"]));
    return { keys, next: keys.length === PAGE ? (keys.at(-1) ?? null) : last };
  });
}

async function messagesOf(
  gateway: Gateway,
  names: TableNames,
  keys: readonly Uint8Array[],
): Promise<ReadonlyMap<string, StoredMessage>> {
  const byId = new Map<string, StoredMessage>();
  await gateway.read(async (statements) => {
    for (const { sql, values } of keyLists(keys)) {
      const select = `${selectMessages(statements.dialect, names)} WHERE m.id IN ${sql}`;
      for (const row of await statements.rows(select, values)) {
        const message = readMessage(row);
        byId.set(message.id, message);
      }
    }
  });
  return byId;
}

/** Those of some messages that an export has had. */
export async function hadAmong(
  gateway: Gateway,
  { exportedMessage }: TableNames,
  exportId: number,
  messageIds: readonly string[],
): Promise<ReadonlySet<string>> {
  const had = new Set<string>();
  await gateway.read(async (statements) => {
    for (const { sql, values } of keyLists(messageIds.map((id) => uuidToOctets(id)))) {
      const rows = await statements.rows(
        `SELECT message_id FROM ${exportedMessage} WHERE export_id = ? AND message_id IN ${sql}`,
        [exportId, ...values],
      );
      for (const row of rows) had.add(octetsToUuid(octetsOf(row["message_id"])));
    }
  });
  return had;
}
