import type { Statements } from "../database/gateway.ts";
import { keyLists } from "../database/key-lists.ts";
import type { Candidates } from "../database/word-index.ts";
import type { TableNames } from "../schema/table-names.ts";
import { octetsOf } from "../values/octets.ts";
import type { Value } from "../values/row.ts";
import { storedDate } from "../values/stored-date.ts";
import { readExactText } from "../values/stored-text.ts";
import { octetsToUuid } from "../values/uuid-octets.ts";
import { mayBeIn, type Sought } from "./sought.ts";

/** Messages that one statement goes over, most of which it may pass over: some 10 ms. */
const STRETCH = 10_000;

/** A part of the walk: messages before one, none older than another. */
export interface Stretch {
  readonly before: Uint8Array | null;
  readonly lowest: Uint8Array;
  readonly limit: number;
}

/** The next messages in the order of storing, newest first, without those that their rows alone rule out. */
export async function walk(
  statements: Statements,
  names: TableNames,
  sought: Sought,
  { before, lowest, limit }: Stretch,
): Promise<Candidates> {
  const { message } = names;
  const range = `m.id >= ?${before === null ? "" : " AND m.id < ?"}`;
  const ends: readonly Value[] = before === null ? [lowest] : [lowest, before];
  const conditions = await conditionsOf(statements, names, sought);
  if (conditions === null) return { keys: [], next: null };
  const [last] = await statements.rows(
    `SELECT m.id AS id FROM ${message} m WHERE ${range} ORDER BY m.id DESC LIMIT 1 OFFSET ${STRETCH - 1}`,
    ends,
  );
  const from = last === undefined ? lowest : octetsOf(last["id"]);
  const rows = await statements.rows(
    `SELECT m.id AS id FROM ${message} m WHERE ${[range, ...conditions.map(({ sql }) => sql)].join(" AND ")}
     ORDER BY m.id DESC LIMIT ${limit}`,
    [from, ...ends.slice(1), ...conditions.flatMap(({ values }) => values)],
  );
  const keys = rows.map((row) => octetsOf(row["id"]));
  if (keys.length === limit) return { keys, next: keys.at(-1) ?? null };
  return { keys, next: last === undefined ? null : from };
}

/** Those of some messages that their rows alone do not rule out. */
export async function notRuledOut(
  statements: Statements,
  names: TableNames,
  sought: Sought,
  keys: readonly Uint8Array[],
): Promise<readonly Uint8Array[]> {
  if (!hasBounds(sought)) return keys;
  const conditions = await conditionsOf(statements, names, sought);
  if (conditions === null) return [];
  const left = new Set<string>();
  for (const list of keyLists(keys)) {
    const rows = await statements.rows(
      `SELECT m.id AS id FROM ${names.message} m
       WHERE m.id IN ${list.sql}${conditions.map(({ sql }) => ` AND ${sql}`).join("")}`,
      [...list.values, ...conditions.flatMap(({ values }) => values)],
    );
    for (const row of rows) left.add(octetsToUuid(octetsOf(row["id"])));
  }
  return keys.filter((key) => left.has(octetsToUuid(key)));
}

/** Whether something is asked of a message's size or times. */
export function hasBounds({ query: { octets, date, stored } }: Sought): boolean {
  return [octets, date, stored].some(({ min, max }) => min !== null || max !== null);
}

interface Condition {
  readonly sql: string;
  readonly values: readonly Value[];
}

/** What the rows of all messages that are found have in common; null: none is found. */
async function conditionsOf(
  statements: Statements,
  names: TableNames,
  sought: Sought,
): Promise<readonly Condition[] | null> {
  const conditions: Condition[] = [];
  const bound = (column: string, operator: string, value: Value | null): void => {
    if (value !== null) conditions.push({ sql: `m.${column} ${operator} ?`, values: [value] });
  };
  // A time that no column can hold gives null, and leaves the decision to who reads the messages.
  const { octets, date, stored } = sought.query;
  bound("octets", ">=", octets.min);
  bound("octets", "<=", octets.max);
  bound("date_header", ">=", date.min === null ? null : storedDate(new Date(date.min)));
  bound("date_header", "<=", date.max === null ? null : storedDate(new Date(date.max)));
  bound("stored_at", ">=", stored.min === null ? null : storedDate(new Date(stored.min)));
  bound("stored_at", "<=", stored.max === null ? null : storedDate(new Date(stored.max)));
  const rows = await statements.rows(`SELECT id, name FROM ${names.maildrop}`, []);
  const maildrops = rows.map((row) => ({ id: Number(row["id"]), name: readExactText(row["name"]) }));
  const wanted = maildrops.filter(({ name }) => mayBeIn(sought, name));
  if (wanted.length === 0) return null;
  if (wanted.length < maildrops.length)
    conditions.push({
      sql: `m.maildrop_id IN (${wanted.map(({ id }) => Math.trunc(id)).join(", ")})`,
      values: [],
    });
  return conditions;
}
