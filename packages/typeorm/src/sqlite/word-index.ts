import { type Clause, CUT_TOKEN } from "@mailonce/core/search";
import type {
  CandidateRequest,
  Candidates,
  IndexStatements,
  KeyedTokens,
  WordIndex,
} from "../database/word-index.ts";
import { compareOctets, octetsOf } from "../values/octets.ts";
import type { Row } from "../values/row.ts";

/** Numbers of a millisecond: all together they are numbers that JavaScript has exactly. */
const A_MILLISECOND = 1024;
/** The last millisecond that has numbers of its own: in 2109. */
const LAST_MILLISECOND = 2 ** 42 - 1;
/** From here on numbers say nothing of the time. They are for what finds no room in its millisecond: a clock may stand still. */
const TIMELESS = 2 ** 52;
/** So many more than are wanted are asked for, as those of the last millisecond are left to the next time. */
const SPARE = 20;

/**
 * SQLite's FTS5, without contents and without places of words. Its rows are numbered by the time in their messages' ids, so
 * that it gives the newest first, and only as many as are asked for, however many there are.
 */
export const SQLITE_WORD_INDEX: WordIndex = {
  isMissing: false,
  newestTable: (table) => table,

  async insert(statements, table, version, rows) {
    for (const row of rows) await insertOne(statements, table, version, row);
  },

  // FTS5 does so by itself.
  settle: () => Promise.resolve(false),

  async candidates(statements, table, request: CandidateRequest): Promise<Candidates> {
    const { before, lowest, limit } = request;
    const match = request.clauses.map(expression).join(" AND ");
    const find = (from: number, to: number, more = ""): Promise<readonly Row[]> =>
      statements.rows(
        `SELECT t.rowid AS doc, w.message_id AS id FROM ${indexOf(table)} t CROSS JOIN ${table} w ON w.doc_id = t.rowid
         WHERE t.${indexOf(table)} MATCH ? AND t.rowid >= ? AND t.rowid < ? ORDER BY t.rowid DESC${more}`,
        [match, from, to],
      );
    const first = millisecondOf(lowest) * A_MILLISECOND;
    const end = before === null ? TIMELESS : (millisecondOf(before) + 1) * A_MILLISECOND;
    const rows = await find(first, end, ` LIMIT ${limit + SPARE}`);
    const last = rows.length < limit + SPARE ? undefined : rows.at(-1);
    // Within a millisecond the numbers are in no order: all of its messages are taken, or none.
    const floor = last === undefined ? null : Math.floor(Number(last["doc"]) / A_MILLISECOND);
    const whole = rows.filter((row) => floor === null || Number(row["doc"]) >= (floor + 1) * A_MILLISECOND);
    const isOne = whole.length === 0 && floor !== null;
    const found = isOne ? [...rows, ...(await find(floor * A_MILLISECOND, Number(last?.["doc"])))] : whole;
    const from = floor === null ? 0 : isOne ? floor : floor + 1;
    const timeless = (await hasTimeless(statements, table))
      ? await find(TIMELESS, Number.MAX_SAFE_INTEGER)
      : [];
    const keys = [...found, ...timeless.filter((row) => millisecondOf(octetsOf(row["id"])) >= from)]
      .map((row) => octetsOf(row["id"]))
      .filter((key) => compareOctets(key, lowest) >= 0 && (before === null || compareOctets(key, before) < 0))
      .sort((one, other) => compareOctets(other, one));
    return { keys, next: from === 0 ? null : lastOf(from - 1) };
  },
};

/** What the virtual table is called, and its one hidden column. */
export function indexOf(table: string): string {
  return `${table}_ft`;
}

function expression(clause: Clause): string {
  const tokens = clause.map(({ token, isStart }) => `"${token}"${isStart ? " *" : ""}`);
  return `(${[...tokens, `"${CUT_TOKEN}"`].join(" OR ")})`;
}

/** A look at the key, because a look into the index takes as long as the first one. */
async function hasTimeless(statements: IndexStatements, table: string): Promise<boolean> {
  const rows = await statements.rows(`SELECT 1 FROM ${table} WHERE doc_id >= ? LIMIT 1`, [TIMELESS]);
  return rows.length > 0;
}

async function insertOne(
  statements: IndexStatements,
  table: string,
  version: number,
  { key, tokens }: KeyedTokens,
): Promise<void> {
  const document = await freeDocument(statements, table, millisecondOf(key));
  await statements.run(`INSERT INTO ${table} (doc_id, message_id, version) VALUES (?, ?, ?)`, [
    ...[document, key, version],
  ]);
  await statements.run(`INSERT INTO ${indexOf(table)} (rowid, tokens) VALUES (?, ?)`, [
    ...[document, tokens.join(" ")],
  ]);
}

/** The next number of a millisecond, or, if it has no more, the next one that says nothing of the time. */
async function freeDocument(
  statements: IndexStatements,
  table: string,
  millisecond: number,
): Promise<number> {
  const first = millisecond * A_MILLISECOND;
  const inTime = await nextDocument(statements, table, first, first + A_MILLISECOND);
  return inTime ?? (await nextDocument(statements, table, TIMELESS, Number.MAX_SAFE_INTEGER)) ?? TIMELESS;
}

async function nextDocument(
  statements: IndexStatements,
  table: string,
  first: number,
  end: number,
): Promise<number | null> {
  const [row] = await statements.rows(
    `SELECT MAX(doc_id) AS last FROM ${table} WHERE doc_id >= ? AND doc_id < ?`,
    [first, end],
  );
  const last = row?.["last"] ?? null;
  const next = last === null ? first : Number(last) + 1;
  return next < end ? next : null;
}

/** Higher than any id of that millisecond. */
function lastOf(millisecond: number): Uint8Array {
  const octets = Buffer.alloc(16, 0xff);
  octets.writeUIntBE(millisecond, 0, 6);
  return octets;
}

/** The time in a UUIDv7. */
function millisecondOf(key: Uint8Array): number {
  return Math.min(Buffer.from(key.buffer, key.byteOffset, 6).readUIntBE(0, 6), LAST_MILLISECOND);
}
