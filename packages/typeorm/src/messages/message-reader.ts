import type { MessageQuery, StoredMessage } from "@mailonce/core";
import { expectLimit, expectObject, expectOneOf, expectText } from "../arguments/expect-arguments.ts";
import type { Gateway } from "../database/gateway.ts";
import { keyLists } from "../database/key-lists.ts";
import { maildropIdOf } from "../database/maildrop-id.ts";
import type { TableNames } from "../schema/table-names.ts";
import { octetsOf } from "../values/octets.ts";
import type { Value } from "../values/row.ts";
import { readDate } from "../values/stored-date.ts";
import { octetsToUuid, uuidRange, uuidToOctets } from "../values/uuid-octets.ts";
import { readMessage, selectMessages } from "./message-rows.ts";

/** Messages read at once. */
const PAGE = 500;
/** Messages whose dates are read at once. */
const MOMENTS = 10_000;

/** Stored messages, newest first. */
export async function* readMessages(
  gateway: Gateway,
  names: TableNames,
  query: MessageQuery,
): AsyncGenerator<StoredMessage> {
  expectObject("query", query);
  const { maildrop, limit = Number.POSITIVE_INFINITY, order = "stored" } = query;
  if (maildrop !== undefined) expectText("query.maildrop", maildrop);
  if (query.limit !== undefined) expectLimit("query.limit", limit);
  expectOneOf("query.order", ["stored", "date"], order);
  const of = maildrop === undefined ? null : await gateway.read((all) => maildropIdOf(all, names, maildrop));
  if (maildrop !== undefined && of === null) return;
  const read = order === "stored" ? byStoring : byDate;
  yield* read(gateway, names, of, limit);
}

/** By their ids: these are UUIDv7, whose order is that of time. */
async function* byStoring(
  gateway: Gateway,
  names: TableNames,
  maildrop: number | null,
  limit: number,
): AsyncGenerator<StoredMessage> {
  let before: string | null = null;
  let wanted = limit;
  while (wanted > 0) {
    const { where, values } = conditions(maildrop, before);
    const rows = await gateway.read((statements) =>
      statements.rows(
        `${selectMessages(statements.dialect, names)} ${where} ORDER BY m.id DESC LIMIT ${PAGE}`,
        values,
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

/**
 * There is no index by date, because every message that is stored would pay for it. The database finds the first page in
 * one pass over the rows. For more than a page all ids and dates are read and sorted here, at about 100 octets of memory each.
 */
async function* byDate(
  gateway: Gateway,
  names: TableNames,
  maildrop: number | null,
  limit: number,
): AsyncGenerator<StoredMessage> {
  if (limit <= PAGE) {
    const { where, values } = conditions(maildrop, null);
    const rows = await gateway.read((statements) =>
      statements.rows(
        `${selectMessages(statements.dialect, names)} ${where} ORDER BY ${MOMENT} DESC, m.id DESC LIMIT ${limit}`,
        values,
      ),
    );
    for (const row of rows) yield readMessage(row);
    return;
  }
  const ids = await idsByDate(gateway, names, maildrop);
  let wanted = limit;
  for (let from = 0; from < ids.length && wanted > 0; from += PAGE) {
    const page = ids.slice(from, from + Math.min(PAGE, wanted));
    const found = new Map<string, StoredMessage>();
    for (const { sql, values } of keyLists(page.map((id) => uuidToOctets(id)))) {
      const rows = await gateway.read((statements) =>
        statements.rows(`${selectMessages(statements.dialect, names)} WHERE m.id IN ${sql}`, values),
      );
      for (const row of rows) {
        const message = readMessage(row);
        found.set(message.id, message);
      }
    }
    for (const id of page) {
      const message = found.get(id);
      if (message !== undefined) yield message;
    }
    wanted -= page.length;
  }
}

/** What a message is sorted by: its date, or when it was stored. */
const MOMENT = "COALESCE(m.date_header, m.stored_at)";

/** The ids of all messages, newest first by date. */
async function idsByDate(gateway: Gateway, names: TableNames, maildrop: number | null): Promise<string[]> {
  const moments: { readonly id: string; readonly at: number }[] = [];
  for (let before: string | null = null; ; ) {
    const { where, values } = conditions(maildrop, before);
    const rows = await gateway.read((statements) =>
      statements.rows(
        `SELECT m.id AS id, ${statements.dialect.date(MOMENT, "moment")} FROM ${names.message} m ${where}
         ORDER BY m.id DESC LIMIT ${MOMENTS}`,
        values,
      ),
    );
    for (const row of rows) {
      before = octetsToUuid(octetsOf(row["id"]));
      moments.push({ id: before, at: readDate(row["moment"])?.getTime() ?? 0 });
    }
    if (rows.length < MOMENTS) break;
  }
  // They come newest first, and the sort keeps that order among equals.
  return moments.sort((a, b) => b.at - a.at).map(({ id }) => id);
}

function conditions(
  maildrop: number | null,
  before: string | null,
): { readonly where: string; readonly values: readonly Value[] } {
  const found: readonly [string, Value][] = [
    ...(maildrop === null ? [] : [["m.maildrop_id = ?", maildrop] as [string, Value]]),
    ...(before === null ? [] : [["m.id < ?", uuidToOctets(before)] as [string, Value]]),
  ];
  return {
    where: found.length === 0 ? "" : `WHERE ${found.map(([condition]) => condition).join(" AND ")}`,
    values: found.map(([, value]) => value),
  };
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
