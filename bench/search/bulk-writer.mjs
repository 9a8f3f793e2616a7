// Writes many rows quickly, and the index of words by the product's own code.
import { createConnection } from "mysql2/promise";

/**
 * @typedef {object} BulkWriter
 * @property {() => Promise<void>} begin
 * @property {(table: string, columns: string, rows: readonly (readonly unknown[])[]) => Promise<void>} insert
 * @property {(rows: readonly { readonly key: Uint8Array, readonly tokens: readonly string[] }[], version: number) => Promise<void>} words
 * @property {() => Promise<void>} commit
 * @property {(mark: { readonly upTo: Uint8Array, readonly at: string }) => Promise<void>} end
 */

const dist = (/** @type {string} */ path) =>
  import(new URL(`../../packages/typeorm/dist/${path}`, import.meta.url).href);

const MARK = `INSERT INTO mailonce_content_mark (id, gap_from, gap_to, looked_up_to, looked_at) VALUES (1, ?, ?, ?, ?)`;
const WORDS = "mailonce_message_words";
const LOWEST = Buffer.alloc(16);

/** @param {string} url as Mailonce takes it @returns {Promise<BulkWriter>} */
export function bulkWriter(url) {
  return url.startsWith("sqlite:") ? sqliteWriter(url.slice("sqlite:".length)) : serverWriter(url);
}

/** @param {string} file @returns {Promise<BulkWriter>} */
async function sqliteWriter(file) {
  const { sqliteModule } = await dist("sqlite/sqlite-module.js");
  const { SQLITE_DIALECT } = await dist("sqlite/dialect.js");
  const { DatabaseSync } = sqliteModule();
  const database = new DatabaseSync(file);
  database.exec("PRAGMA cache_size = -1000000; PRAGMA synchronous = OFF");
  const prepared = new Map();
  const statement = (/** @type {string} */ sql) => {
    const known = prepared.get(sql) ?? database.prepare(sql);
    prepared.set(sql, known);
    return known;
  };
  const statements = {
    rows: async (/** @type {string} */ sql, /** @type {unknown[]} */ values) => statement(sql).all(...values),
    run: async (/** @type {string} */ sql, /** @type {unknown[]} */ values) =>
      statement(sql).run(...values).changes,
  };
  return {
    begin: async () => database.exec("BEGIN"),
    async insert(table, columns, rows) {
      const places = columns.replace(/[^,]+/g, "?");
      const insert = statement(`INSERT INTO mailonce_${table} (${columns}) VALUES (${places})`);
      for (const row of rows) insert.run(...row);
    },
    words: (rows, version) => SQLITE_DIALECT.words.insert(statements, WORDS, version, rows),
    commit: async () => database.exec("COMMIT"),
    async end({ upTo, at }) {
      statement(MARK).run(LOWEST, LOWEST, upTo, at);
      database.exec("PRAGMA wal_checkpoint(TRUNCATE); ANALYZE");
      database.close();
    },
  };
}

/** @param {string} url @returns {Promise<BulkWriter>} */
async function serverWriter(url) {
  const { MYSQL_DIALECT } = await dist("mysql/dialect.js");
  const { RowInserter } = await dist("database/row-inserter.js");
  const connection = await createConnection(url.replace(/^mariadb:/, "mysql:"));
  await connection.query("SET SESSION unique_checks = 0, SESSION foreign_key_checks = 0");
  const rows = async (/** @type {string} */ sql, /** @type {unknown[]} */ values) => {
    const [found] = await connection.query(sql, values);
    return Array.isArray(found) ? found : [];
  };
  const statements = {
    statementOctets: 8_000_000,
    rows,
    run: async (/** @type {string} */ sql, /** @type {unknown[]} */ values) => {
      const [result] = await connection.query(sql, values);
      return "affectedRows" in result ? result.affectedRows : 0;
    },
    inserter: (/** @type {unknown} */ target) => new RowInserter(statements, target),
  };
  return {
    begin: () => connection.beginTransaction(),
    async insert(table, columns, all) {
      for (let from = 0; from < all.length; from += 500)
        await connection.query(`INSERT INTO mailonce_${table} (${columns}) VALUES ?`, [
          all.slice(from, from + 500),
        ]);
    },
    async words(all, version) {
      await MYSQL_DIALECT.words.insert(statements, WORDS, version, all);
      while (await MYSQL_DIALECT.words.settle(statements, WORDS));
    },
    commit: () => connection.commit(),
    async end({ upTo, at }) {
      await connection.query(MARK, [LOWEST, LOWEST, upTo, at]);
      await connection.end();
    },
  };
}
