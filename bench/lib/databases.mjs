// Databases for Mailonce to write to, and what became of them.
import { mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { createConnection } from "mysql2/promise";

/**
 * A database as Mailonce is given it, and a way to look into it.
 * @typedef {object} Database
 * @property {import("./setups.mjs").Setup} setup who writes to it
 * @property {readonly string[]} option for Mailonce's command line
 * @property {Readonly<Record<string, string>>} env for Mailonce
 * @property {string} uri for other programs; MariaDB only, else empty
 * @property {string} file for other programs; SQLite only, else empty
 * @property {(sql: string) => Promise<readonly Record<string, unknown>[]>} query runs one statement
 * @property {() => Promise<number>} size octets that it takes on disk
 * @property {(statements: readonly string[]) => Promise<void>} fill runs many rows' worth of statements, not measured
 * @property {() => Promise<void>} drop
 */

/**
 * A new and empty one.
 * @param {import("./bench.mjs").Bench} bench
 * @param {import("./setups.mjs").Setup} setup
 * @returns {Promise<Database>}
 */
export function createDatabase(bench, setup) {
  return setup.kind === "MariaDB" ? onMariaDb(bench, setup) : onSqlite(bench, setup);
}

/** @param {import("./bench.mjs").Bench} bench @param {import("./setups.mjs").Setup} setup @returns {Promise<Database>} */
async function onMariaDb(bench, setup) {
  const server = await bench.mariadb();
  const { name, user, password, url } = await server.createDatabase();
  const connection = await createConnection(url);
  /** @param {string} sql @returns {Promise<readonly Record<string, unknown>[]>} */
  const query = async (sql) => {
    const [rows] = await connection.query(sql);
    return Array.isArray(rows) ? rows.map((row) => ({ ...row })) : [];
  };
  return {
    setup,
    option: ["--database", `mariadb://${user}@127.0.0.1:${server.port}/${name}`],
    env: { MAILONCE_DATABASE_PASSWORD: password },
    uri: url,
    file: "",
    query,
    async size() {
      const from = "FROM information_schema.tables WHERE table_schema = DATABASE()";
      // The sizes are those of the last ANALYZE.
      for (const { name } of await query(`SELECT table_name AS name ${from}`))
        await query(`ANALYZE TABLE ${name}`);
      const [row] = await query(`SELECT SUM(data_length + index_length) AS octets ${from}`);
      return Number(row?.["octets"]);
    },
    async fill(statements) {
      await connection.query("SET SESSION unique_checks = 0, SESSION foreign_key_checks = 0");
      for (const statement of statements) await connection.query(statement);
    },
    async drop() {
      await connection.query(`DROP DATABASE ${name}`);
      await connection.end();
    },
  };
}

/** @param {import("./bench.mjs").Bench} bench @param {import("./setups.mjs").Setup} setup @returns {Promise<Database>} */
async function onSqlite(bench, setup) {
  const folder = mkdtempSync(join(bench.folder, "sqlite-"));
  const file = join(folder, "mail.sqlite");
  // Computed, so that types can be checked before anything is built.
  const built = new URL("../../packages/typeorm/dist/sqlite/sqlite-module.js", import.meta.url).href;
  const { DatabaseSync } = (await import(built)).sqliteModule();
  /** @param {string} sql @returns {Promise<readonly Record<string, unknown>[]>} */
  const query = async (sql) => {
    const database = new DatabaseSync(file);
    try {
      return database.prepare(sql).all();
    } finally {
      database.close();
    }
  };
  return {
    setup,
    option: ["--database", `sqlite:${file}`],
    env: {},
    uri: "",
    file,
    query,
    async size() {
      // Not the size of the file: the newest pages may still be in the log beside it.
      const [row] = await query(
        "SELECT page_count * page_size AS octets FROM pragma_page_count, pragma_page_size",
      );
      return Number(row?.["octets"]);
    },
    async fill(statements) {
      const database = new DatabaseSync(file);
      database.exec("PRAGMA cache_size = -1000000; PRAGMA synchronous = OFF");
      for (const statement of statements) database.exec(statement);
      database.close();
    },
    drop: async () => rmSync(folder, { recursive: true }),
  };
}
