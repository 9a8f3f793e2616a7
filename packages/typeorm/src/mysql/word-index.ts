import { insertRows } from "../database/row-inserter.ts";
import type { WordIndex } from "../database/word-index.ts";
import { BlockLook } from "./block-look.ts";
import { settleWords } from "./settle-words.ts";
import { wordTables } from "./word-tables.ts";

/** More clauses are left to who looks at the candidates. */
const MAX_CLAUSES = 6;

/**
 * An inverted index in rows. Tokens stand first in one row a message; when there are enough of them, 2048 messages become a
 * block, which has a row for each token with the messages that have it. Blocks are asked newest first, by their keys, until
 * there are enough candidates.
 *
 * FULLTEXT would not do. It takes each row with each word that is asked for before the first one comes back, some 20 µs a row: two words that each
 * third of 200,000 messages has took 1 s to 3.7 s. Blocks also take a third of its disk space, and need no setting of the server.
 */
export const MYSQL_WORD_INDEX: WordIndex = {
  isMissing: false,
  newestTable: (table) => wordTables(table).lists,

  async insert(statements, table, version, rows) {
    const tokens = wordTables(table).fresh;
    await insertRows(
      statements,
      { table, columns: ["message_id", "version"] },
      rows.map(({ key }) => [key, version]),
    );
    // A space before and behind each, by which they are looked through.
    await insertRows(
      statements,
      { table: tokens, columns: ["message_id", "tokens"] },
      rows.map((row) => [row.key, ` ${row.tokens.join(" ")} `]),
    );
  },

  settle: settleWords,

  async candidates(statements, table, request) {
    const clauses = request.clauses.slice(0, MAX_CLAUSES);
    const look = new BlockLook(statements, wordTables(table), { ...request, clauses });
    await look.atFresh();
    await look.atBlocks();
    return look.result();
  },
};
