import { keyLists } from "../database/key-lists.ts";
import { insertRows } from "../database/row-inserter.ts";
import type { IndexStatements } from "../database/word-index.ts";
import { octetsOf } from "../values/octets.ts";
import { BEHIND_IDS, BLOCK, blockRows, isEmpty, withoutIds } from "./word-blocks.ts";
import { type WordTables, wordTables } from "./word-tables.ts";

/**
 * Makes a block of the oldest messages that are in none, if there are enough of them: within a transaction. Several may do so at
 * once, each with other messages. @returns whether it has made one
 */
export async function settleWords(statements: IndexStatements, table: string): Promise<boolean> {
  const tables = wordTables(table);
  const [enough] = await statements.rows(
    `SELECT message_id FROM ${tables.fresh} ORDER BY message_id LIMIT 1 OFFSET ${BLOCK - 1}`,
    [],
  );
  if (enough === undefined) return false;
  const rows = await statements.rows(
    `SELECT message_id AS id, tokens FROM ${tables.fresh} ORDER BY message_id LIMIT ${BLOCK} FOR UPDATE SKIP LOCKED`,
    [],
  );
  if (rows.length < BLOCK) return false;
  const messages = rows.map((row) => ({ key: octetsOf(row["id"]), tokens: String(row["tokens"]) }));
  const keys = messages.map(({ key }) => key);
  const [first = new Uint8Array(16)] = keys;
  const last = keys.at(-1) ?? first;
  await removeOld(statements, tables, keys, first, last);
  await statements.run(`INSERT INTO ${tables.blocks} (first_id, last_id) VALUES (?, ?)`, [first, last]);
  const [made] = await statements.rows("SELECT LAST_INSERT_ID() AS id", []);
  const block = Number(made?.["id"]);
  await insertRows(
    statements,
    { table: tables.lists, columns: ["block", "token", "places"] },
    blockRows(messages).map(({ token, places }) => [block, token, places]),
  );
  for (const { sql, values } of keyLists(keys))
    await statements.run(`DELETE FROM ${tables.fresh} WHERE message_id IN ${sql}`, values);
  return true;
}

/** Removes messages that were read anew from the blocks in which they were, and blocks of which nothing is left. */
async function removeOld(
  statements: IndexStatements,
  { blocks, lists }: WordTables,
  keys: readonly Uint8Array[],
  first: Uint8Array,
  last: Uint8Array,
): Promise<void> {
  const gone = new Set(keys.map((key) => Buffer.from(key).toString("hex")));
  const isGone = (key: Uint8Array): boolean => gone.has(Buffer.from(key).toString("hex"));
  const others = await statements.rows(
    `SELECT id FROM ${blocks} WHERE first_id <= ? AND last_id >= ? ORDER BY id FOR UPDATE`,
    [last, first],
  );
  for (const other of others) {
    const block = Number(other["id"]);
    const rows = await statements.rows(
      `SELECT token, places FROM ${lists} WHERE block = ? AND token < '${BEHIND_IDS}'`,
      [block],
    );
    const ids = rows.map((row) => ({ token: String(row["token"]), ids: octetsOf(row["places"]) }));
    const left = ids.map((row) => ({ ...row, left: withoutIds(row.ids, isGone) }));
    if (left.every((row) => isEmpty(row.left))) {
      await statements.run(`DELETE FROM ${lists} WHERE block = ?`, [block]);
      await statements.run(`DELETE FROM ${blocks} WHERE id = ?`, [block]);
      continue;
    }
    for (const row of left)
      if (row.left !== row.ids)
        await statements.run(`UPDATE ${lists} SET places = ? WHERE block = ? AND token = ?`, [
          ...[row.left, block, row.token],
        ]);
  }
}
