import { randomBytes } from "node:crypto";
import { startMariaDb, startMySql } from "@mailonce/testkit";
import mysql2 from "mysql2";
import { describe } from "vitest";

/** A server of a test file's own, whose configuration and accounts it may change. */
export interface TestServer extends AsyncDisposable {
  readonly product: "MariaDB" | "MySQL";
  readonly port: number;
  /** Runs statements as the administrator. */
  sql(...statements: readonly string[]): Promise<void>;
  /** The numbers of an account's connections. */
  connections(user: string): Promise<readonly string[]>;
  /** A fresh database that nobody may use yet. */
  createDatabase(): Promise<string>;
  /**
   * An account, with what follows its name in CREATE USER, and with rights in the database; a password of its own.
   * @returns the URL by which it uses the database
   */
  account(database: string, options?: AccountOptions): Promise<string>;
}

/** What an account is like. */
export interface AccountOptions {
  /** Goes before what follows; `IDENTIFIED BY` its password unless given. */
  readonly identified?: string;
  /** `REQUIRE SSL`, `ACCOUNT LOCK` and the like. */
  readonly with?: string;
  /** Default ALL; empty for none at all. */
  readonly granted?: string;
}

/** How a test server is started. */
export interface TestServerOptions {
  /** PEM files: who it is, and whose clients' certificates it takes; `off`: MySQL makes none for itself, either. */
  readonly tls?: { readonly cert: string; readonly key: string; readonly ca: string } | "off";
  readonly parameters?: readonly string[];
}

/** Defines tests for MariaDB, and for MySQL where there is one. */
export function onEachServer(
  title: string,
  define: (
    start: (options?: TestServerOptions) => Promise<TestServer>,
    product: TestServer["product"],
  ) => void,
): void {
  describe(`${title} on MariaDB`, () => define(startTestMariaDb, "MariaDB"));
  const program = process.env["MAILONCE_TEST_MYSQLD"];
  describe.skipIf(program === undefined)(`${title} on MySQL`, () =>
    define((options) => mySql(program ?? "", options), "MySQL"),
  );
}

/** Rows as texts, column by column. */
type Rows = readonly (readonly string[])[];

function parametersOf({ tls, parameters = [] }: TestServerOptions): readonly string[] {
  const files =
    tls === undefined || tls === "off"
      ? []
      : [`--ssl-cert=${tls.cert}`, `--ssl-key=${tls.key}`, `--ssl-ca=${tls.ca}`];
  return [...files, ...parameters];
}

/** A MariaDB of a test file's own. */
export async function startTestMariaDb(options: TestServerOptions = {}): Promise<TestServer> {
  const server = await startMariaDb({ parameters: parametersOf(options) });
  const run = async (sql: string): Promise<Rows> =>
    (await server.sql(sql))
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => line.split("\t"));
  return testServer("MariaDB", server.port, run, server);
}

async function mySql(program: string, options: TestServerOptions = {}): Promise<TestServer> {
  const off = options.tls === "off" ? ["--tls-version="] : [];
  const server = await startMySql(program, { parameters: [...parametersOf(options), ...off] });
  const { port, username, password } = new URL(server.url);
  const run = (sql: string): Promise<Rows> =>
    new Promise((resolve, reject) => {
      const connection = mysql2.createConnection({
        ...{ host: "127.0.0.1", port: Number(port), user: username, password },
        ...(options.tls === "off" ? {} : { ssl: { rejectUnauthorized: false } }),
      });
      connection.query({ sql, rowsAsArray: true }, (error, rows) => {
        connection.destroy();
        if (error) reject(error);
        else resolve(Array.isArray(rows) ? rows.map((row) => Object.values(row).map(String)) : []);
      });
    });
  return testServer("MySQL", Number(port), run, server);
}

function testServer(
  product: TestServer["product"],
  port: number,
  run: (sql: string) => Promise<Rows>,
  server: AsyncDisposable,
): TestServer {
  const name = (): string => `test_${randomBytes(6).toString("hex")}`;
  const sql = async (...statements: readonly string[]): Promise<void> => {
    for (const statement of statements) await run(statement);
  };
  return {
    product,
    port,
    sql,
    connections: async (user) =>
      (await run("SHOW PROCESSLIST")).filter(([, name]) => name === user).map(([id = ""]) => id),
    createDatabase: async () => {
      const database = name();
      await sql(`CREATE DATABASE ${database}`);
      return database;
    },
    account: async (database, { identified, with: more = "", granted = "ALL" } = {}) => {
      const user = name();
      const password = randomBytes(9).toString("hex");
      await sql(`CREATE USER '${user}'@'127.0.0.1' ${identified ?? `IDENTIFIED BY '${password}'`} ${more}`);
      if (granted !== "") await sql(`GRANT ${granted} ON ${database}.* TO '${user}'@'127.0.0.1'`);
      return `mysql://${user}:${password}@127.0.0.1:${port}/${database}`;
    },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

/** What a promise that should fail fails with. */
export async function failure(promise: Promise<unknown>): Promise<Error & { readonly code?: unknown }> {
  const error: unknown = await promise.then(
    () => new Error("It did not fail."),
    (reason: unknown) => reason,
  );
  if (error instanceof Error) return error;
  throw new Error("What was thrown is no error.");
}
