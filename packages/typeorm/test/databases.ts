import { randomBytes } from "node:crypto";
import path from "node:path";
import { temporaryFolder } from "@mailonce/testkit";
import { sharedMariaDb } from "@mailonce/testkit/vitest";
import { afterAll, describe } from "vitest";
import { type OpenStoreOptions, openStore, type TypeormStore } from "../src/index.ts";

/** A kind of database that a test runs on. */
export interface TestDatabase {
  /** What opens a store that does not exist yet. */
  fresh(): Promise<OpenStoreOptions>;
  /** A store of its own for one test; closed after the last test. */
  open(): Promise<TypeormStore>;
}

/** A real MySQL, by a URL; its tables get a random prefix and are dropped. */
const MYSQL_URL = process.env["MAILONCE_TEST_MYSQL_URL"];

/** Defines the tests for SQLite and MariaDB, and for MySQL where MAILONCE_TEST_MYSQL_URL names one. */
export function onEveryDatabase(title: string, define: (database: TestDatabase) => void): void {
  onSqlite(title, define);
  onServers(title, define);
}

export function onSqlite(title: string, define: (database: TestDatabase) => void): void {
  describe(`${title} on SQLite`, () => {
    const folder = temporaryFolder("mailonce-typeorm-");
    afterAll(() => folder.remove());
    define(opening(async () => ({
      url: `sqlite:${path.join(folder.path, `${randomBytes(6).toString("hex")}.db`)}`,
    })));
  });
}

/** The tests for MariaDB and MySQL only. */
export function onServers(title: string, define: (database: TestDatabase) => void): void {
  describe(`${title} on MariaDB`, () => {
    define(opening(async () => ({ url: (await sharedMariaDb().createDatabase()).mariadbUrl })));
  });

  describe.skipIf(MYSQL_URL === undefined)(`${title} on MySQL`, () => {
    const prefixes: string[] = [];
    afterAll(async () => {
      for (const tablePrefix of prefixes) await dropStore({ url: MYSQL_URL ?? "", tablePrefix });
    });
    define(opening(async () => {
      const tablePrefix = `t${randomBytes(6).toString("hex")}_`;
      prefixes.push(tablePrefix);
      return { url: MYSQL_URL ?? "", tablePrefix };
    }));
  });
}

function opening(fresh: () => Promise<OpenStoreOptions>): TestDatabase {
  const opened: TypeormStore[] = [];
  afterAll(async () => {
    for (const store of opened.splice(0)) await store[Symbol.asyncDispose]();
  });
  return {
    fresh,
    open: async () => {
      const store = await openStore(await fresh());
      opened.push(store);
      return store;
    },
  };
}

async function dropStore(options: OpenStoreOptions): Promise<void> {
  await using store = await openStore(options);
  const tables = [
    "message_reference",
    "message_words",
    "content_mark",
    "content_state",
    "attachment_chunk",
    "attachment",
    "message_address",
    "message_part",
    "message_content",
    "worker",
    "login",
    "first_run",
    "address",
    "standing",
    "account",
    "oauth2_token",
    "outbox",
    "message_chunk",
    "ledger_entry",
    "message",
    "maildrop",
    "migrations",
  ];
  for (const table of tables)
    await store.dataSource.query(`DROP TABLE IF EXISTS ${options.tablePrefix}${table}`);
}
