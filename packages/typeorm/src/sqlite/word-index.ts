import { type Clause, CUT_TOKEN } from "@mailonce/core/search";
import type {
  CandidateRequest,
  Candidates,
  IndexStatements,
  KeyedTokens,
  WordIndex,
} from "../database/word-index.ts";
import { octetsOf } from "../values/octets.ts";

/** Messages that can be told apart in one millisecond: an id of the index is a number that JavaScript has exactly. */
const A_MILLISECOND = 2048;
/** The last millisecond that has such ids: in 2109. */
const LAST_MILLISECOND = 2 ** 42 - 1;

/**
 * SQLite's FTS5, without contents and without places of words. Its rows are numbered by when their messages were stored, so
 * that it gives the newest first, and only as many as are asked for, however many there are.
 */
export const SQLITE_WORD_INDEX: WordIndex = {
  async insert(statements, table, version, rows) {
    for (const row of rows) await insertOne(statements, table, version, row);
  },

  async candidates(
    statements,
    table,
    { clauses, before, lowest, limit }: CandidateRequest,
  ): Promise<Candidates> {
    const index = indexOf(table);
    const rows = await statements.rows(
      `SELECT t.rowid AS doc, w.message_id AS id FROM ${index} t CROSS JOIN ${table} w ON w.doc_id = t.rowid
       WHERE t.${index} MATCH ? AND t.rowid < ? AND t.rowid >= ? ORDER BY t.rowid DESC LIMIT ${limit}`,
      [
        clauses.map(expression).join(" AND "),
        await documentOf(statements, table, before),
        millisecondOf(lowest) * A_MILLISECOND,
      ],
    );
    const keys = rows.map((row) => octetsOf(row["id"]));
    return { keys, next: rows.length < limit ? null : (keys.at(-1) ?? null) };
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

/** The next number of a millisecond; where it has no more (a clock that stands still), one of a millisecond before. */
async function freeDocument(
  statements: IndexStatements,
  table: string,
  millisecond: number,
): Promise<number> {
  for (let at = millisecond; ; at--) {
    const first = at * A_MILLISECOND;
    const [row] = await statements.rows(
      `SELECT MAX(doc_id) AS last FROM ${table} WHERE doc_id >= ? AND doc_id < ?`,
      [first, first + A_MILLISECOND],
    );
    const last = row?.["last"] ?? null;
    const next = last === null ? first : Number(last) + 1;
    if (next < first + A_MILLISECOND) return next;
  }
}

/** Where a message stands; if it is gone, behind all of its millisecond. */
async function documentOf(
  statements: IndexStatements,
  table: string,
  key: Uint8Array | null,
): Promise<number> {
  if (key === null) return Number.MAX_SAFE_INTEGER;
  const [row] = await statements.rows(`SELECT doc_id AS doc FROM ${table} WHERE message_id = ?`, [key]);
  return row === undefined ? (millisecondOf(key) + 1) * A_MILLISECOND : Number(row["doc"]);
}

/** The time in a UUIDv7. */
function millisecondOf(key: Uint8Array): number {
  return Math.min(Buffer.from(key.buffer, key.byteOffset, 6).readUIntBE(0, 6), LAST_MILLISECOND);
}
