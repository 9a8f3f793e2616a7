import type { MessageQuery, StoredMessage } from "@mailonce/core";
import { expectLimit, expectObject, expectText } from "./expect-arguments.ts";
import type { Gateway, Value } from "./gateway.ts";
import { storedName } from "./maildrop-rows.ts";
import { readMessage, selectMessages } from "./message-rows.ts";
import type { TableNames } from "./table-names.ts";
import { uuidRange, uuidToOctets } from "./uuid-octets.ts";

/** Messages read at once. */
const PAGE = 500;

/** Stored messages, newest first: their ids are UUIDv7, so the order of the ids is that of time. */
export async function* readMessages(
  gateway: Gateway,
  names: TableNames,
  query: MessageQuery,
): AsyncGenerator<StoredMessage> {
  expectObject("query", query);
  if (query.maildrop !== undefined) expectText("query.maildrop", query.maildrop);
  if (query.limit !== undefined) expectLimit("query.limit", query.limit);
  const conditions: string[] = [];
  const values: Value[] = [];
  if (query.maildrop !== undefined) {
    const id = await maildropId(gateway, names, query.maildrop);
    if (id === null) return;
    conditions.push("m.maildrop_id = ?");
    values.push(id);
  }
  let before: string | null = null;
  let wanted = query.limit ?? Number.POSITIVE_INFINITY;
  while (wanted > 0) {
    const where = before === null ? conditions : [...conditions, "m.id < ?"];
    const bound: readonly Value[] = before === null ? values : [...values, uuidToOctets(before)];
    const rows = await gateway.read((statements) =>
      statements.rows(
        `${selectMessages(statements.dialect, names)}
         ${where.length > 0 ? `WHERE ${where.join(" AND ")}` : ""} ORDER BY m.id DESC LIMIT ${PAGE}`,
        bound,
      ),
    );
    for (const row of rows) {
      const message = readMessage(row);
      before = message.id;
      yield message;
      wanted--;
      if (wanted <= 0) return;
    }
    if (rows.length < PAGE) return;
  }
}

/** At most two of the messages whose id begins with `idPrefix`. */
export async function messagesWithPrefix(
  gateway: Gateway,
  names: TableNames,
  idPrefix: string,
): Promise<readonly StoredMessage[]> {
  expectText("idPrefix", idPrefix);
  const range = uuidRange(idPrefix);
  if (range === null) return [];
  const rows = await gateway.read((statements) =>
    statements.rows(
      `${selectMessages(statements.dialect, names)} WHERE m.id BETWEEN ? AND ? ORDER BY m.id LIMIT 2`,
      [range.lowest, range.highest],
    ),
  );
  return rows.map(readMessage);
}

async function maildropId(gateway: Gateway, names: TableNames, name: string): Promise<number | null> {
  const [row] = await gateway.read((statements) =>
    statements.rows(`SELECT id FROM ${names.maildrop} WHERE name = ?`, [
      storedName(statements.dialect, name),
    ]),
  );
  return row === undefined ? null : Number(row["id"]);
}
