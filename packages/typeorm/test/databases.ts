import { randomBytes } from "node:crypto";
import path from "node:path";
import { temporaryFolder } from "@mailonce/testkit";
import { sharedMariaDb } from "@mailonce/testkit/vitest";
import { afterAll, describe, onTestFinished } from "vitest";
import { type OpenStoreOptions, openStore, type TypeormStore } from "../src/index.ts";
import { STEPS } from "../src/migrations/steps.ts";
import { wordTables } from "../src/mysql/word-tables.ts";
import { type TableNames, tableNames } from "../src/schema/table-names.ts";

/** A kind of database that a test runs on. */
export interface TestDatabase {
  /** What opens a store that does not exist yet. */
  fresh(): Promise<OpenStoreOptions>;
  /**
   * An empty store for one test, which must not change its tables. On a server it may be that of an earlier test, emptied:
   * making the tables takes longer than most tests. Closed after the last test.
   */
  open(): Promise<TypeormStore>;
  /** A store in a fresh database, whose tables the test may change; closed after the last test. */
  openFresh(): Promise<TypeormStore>;
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
    const { fresh, openFresh } = opening(async () => ({
      url: `sqlite:${path.join(folder.path, `${randomBytes(6).toString("hex")}.db`)}`,
    }));
    define({ fresh, openFresh, open: openFresh });
  });
}

/** The tests for MariaDB and MySQL only. */
export function onServers(title: string, define: (database: TestDatabase) => void): void {
  describe(`${title} on MariaDB`, () => {
    define(emptying(opening(async () => ({ url: (await sharedMariaDb().createDatabase()).mariadbUrl }))));
  });

  describe.skipIf(MYSQL_URL === undefined)(`${title} on MySQL`, () => {
    const prefixes: string[] = [];
    afterAll(async () => {
      for (const tablePrefix of prefixes) await dropStore({ url: MYSQL_URL ?? "", tablePrefix });
    });
    define(emptying(
      opening(async () => {
        const tablePrefix = `t${randomBytes(6).toString("hex")}_`;
        prefixes.push(tablePrefix);
        return { url: MYSQL_URL ?? "", tablePrefix };
      }),
    ));
  });
}

/** A test database without a store that is used again. */
type Opening = Omit<TestDatabase, "open">;

function opening(fresh: () => Promise<OpenStoreOptions>): Opening {
  const opened: TypeormStore[] = [];
  afterAll(async () => {
    for (const store of opened.splice(0)) await store[Symbol.asyncDispose]();
  });
  return {
    fresh,
    openFresh: async () => {
      const store = await openStore(await fresh());
      opened.push(store);
      return store;
    },
  };
}

/** Hands a store on from one test to the next, empty, unless the test has closed it. */
function emptying({ fresh, openFresh }: Opening): TestDatabase {
  const unused: TypeormStore[] = [];
  const open = async (): Promise<TypeormStore> => {
    const store = unused.pop() ?? (await openFresh());
    onTestFinished(async () => {
      if (!store.dataSource.isInitialized) return;
      await empty(store);
      unused.push(store);
    });
    return store;
  };
  return { fresh, openFresh, open };
}

async function empty(store: TypeormStore): Promise<void> {
  const migrations = store.dataSource.options.migrationsTableName ?? "";
  const names = tableNames(migrations.slice(0, -"migrations".length));
  for (const table of tablesOf(names)) await store.dataSource.query(`DELETE FROM ${table}`);
}

async function dropStore(options: OpenStoreOptions): Promise<void> {
  await using store = await openStore(options);
  const names = tableNames(options.tablePrefix);
  for (const table of [...tablesOf(names), names.migrations])
    await store.dataSource.query(`DROP TABLE IF EXISTS ${table}`);
}

/** All tables of a server but that of the migrations, in the order in which they can be emptied and dropped. */
function tablesOf(names: TableNames): readonly string[] {
  const { words: _, ...ofWords } = wordTables(names.messageWords);
  const known = new Set([...Object.values(names), ...Object.values(ofWords)]);
  return [...STEPS]
    .reverse()
    .flatMap(({ made }) => made(names))
    .filter((table) => known.has(table));
}
