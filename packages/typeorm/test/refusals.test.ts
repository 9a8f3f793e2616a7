import { setTimeout as sleep } from "node:timers/promises";
import { inspect } from "node:util";
import { StoreUnavailableError } from "@mailonce/core";
import type { QueryRunner } from "typeorm";
import { afterAll, beforeAll, expect, it } from "vitest";
import { openStore } from "../src/index.ts";
import { mysqlError } from "../src/mysql/errors.ts";
import { type AccountOptions, failure, onEachServer, type TestServer } from "./test-server.ts";

/** An account in some state, and what is said of it. */
interface Case {
  readonly what: string;
  readonly account: AccountOptions;
  /** Only one of the servers knows such accounts. */
  readonly only?: TestServer["product"];
  readonly code: string;
  readonly says: RegExp;
}

const CASES: readonly Case[] = [
  {
    what: "is locked",
    account: { with: "ACCOUNT LOCK" },
    code: "store-refused",
    says: /the account is locked; .*ACCOUNT UNLOCK/,
  },
  {
    what: "has a password that has expired",
    account: { with: "PASSWORD EXPIRE" },
    code: "store-refused",
    says: /password has expired; give it another/,
  },
  {
    what: "logs in by ed25519",
    account: { identified: "IDENTIFIED VIA ed25519 USING PASSWORD('secret')" },
    only: "MariaDB",
    code: "store-refused",
    says: /wants the account to log in by client_ed25519, which Mailonce cannot do: .*mysql_native_password/,
  },
  {
    what: "logs in over the server's socket alone",
    account: { identified: "IDENTIFIED VIA unix_socket" },
    only: "MariaDB",
    code: "store-refused",
    says: /programs on the server's own machine alone \(unix_socket, auth_socket\)/,
  },
  {
    what: "has a password in a format of before 2005",
    account: { identified: "IDENTIFIED VIA mysql_old_password USING '565491d704013245'" },
    only: "MariaDB",
    code: "store-refused",
    says: /format of before 2005/,
  },
  {
    what: "may not use the database",
    account: { granted: "" },
    code: "store-refused",
    says: /does not let this user into this database: .*GRANT/,
  },
  {
    what: "may do no more this hour",
    account: { with: "WITH MAX_QUERIES_PER_HOUR 1" },
    code: "store-busy",
    says: /limit of connections or statements is reached; try again later/,
  },
  {
    what: "may only read a database without tables",
    account: { granted: "SELECT" },
    code: "store-unavailable",
    says: /lacks tables, .* does not grant the user that: CREATE, .*'mailonce database migrate'/,
  },
];

onEachServer("an account that", (start, product) => {
  let server: TestServer;
  let database: string;
  beforeAll(async () => {
    const plugins = ["--plugin-load-add=auth_ed25519"];
    server = await start(product === "MariaDB" ? { parameters: plugins } : {});
    database = await server.createDatabase();
  });
  afterAll(() => server?.[Symbol.asyncDispose]());

  it.each(CASES.filter(({ only = product }) => only === product))(
    "$what is told so",
    async ({ account, code, says }) => {
      const url = await server.account(database, account);
      const error = await failure(openStore({ url }));
      expect(error).toBeInstanceOf(StoreUnavailableError);
      expect(error).toMatchObject({ code, message: expect.stringMatching(says) });
      expect(error.message).toMatch(/^The database at 127\.0\.0\.1:\d+\/\w+ [^\n]*\.$/);
      expect(inspect(error, { depth: null, showHidden: true })).not.toContain(new URL(url).password);
    },
  );

  it("is blocked after wrong passwords is told so", async () => {
    const limit = product === "MariaDB" ? "" : "FAILED_LOGIN_ATTEMPTS 2 PASSWORD_LOCK_TIME 1";
    if (product === "MariaDB") await server.sql("SET GLOBAL max_password_errors = 2");
    const url = await server.account(database, { with: limit });
    const wrong = url.replace(new URL(url).password, "wrong");
    expect(await failure(openStore({ url: wrong }))).toMatchObject({
      message: expect.stringMatching(/check user/),
    });
    for (let attempt = 0; attempt < 3; attempt++) await failure(openStore({ url: wrong }));
    expect(await failure(openStore({ url }))).toMatchObject({
      code: "store-refused",
      message: expect.stringMatching(/is blocked after too many wrong passwords/),
    });
  });

  it("has no connection left is told to come again later, and so is everybody where the server has none", async () => {
    const url = await server.account(database, { with: "WITH MAX_USER_CONNECTIONS 2" });
    await using store = await openStore({ url });
    const taken = store.dataSource.createQueryRunner();
    await taken.connect();
    // It can have one more, and needs two to open.
    const busy = { code: "store-busy", message: expect.stringMatching(/try again later/) };
    expect(await failure(openStore({ url }))).toMatchObject(busy);
    await taken.release();

    const other = await server.account(database);
    await using many = await openStore({ url: other });
    await server.sql("SET GLOBAL max_connections = 10");
    const runners: QueryRunner[] = [];
    // More than once: a connection that is being closed still counts, and leaves room a moment later.
    for (let round = 0; round < 3; round++) {
      const more = Array.from({ length: 10 }, () => many.dataSource.createQueryRunner());
      const connected = await Promise.allSettled(more.map((runner) => runner.connect()));
      runners.push(...more.filter((_, index) => connected[index]?.status === "fulfilled"));
      await sleep(200);
    }
    expect(runners.length).toBeLessThan(10);
    expect(await failure(openStore({ url: other }))).toMatchObject(busy);
    for (const runner of runners) await runner.release().catch(() => {});
    await many[Symbol.asyncDispose]();
    await server.sql("SET GLOBAL max_connections = 151");
  });

  it("comes from a host that it may not come from, or asks for a database that there is not, is told so", async () => {
    const url = new URL(await server.account(database));
    await server.sql(`GRANT ALL ON *.* TO '${url.username}'@'127.0.0.1'`);
    url.pathname = "/nowhere";
    expect(await failure(openStore({ url: url.href }))).toMatchObject({
      code: "store-missing",
      message: expect.stringMatching(/no database of this name/),
    });
    await server.sql(`RENAME USER '${url.username}'@'127.0.0.1' TO '${url.username}'@'10.9.8.7'`);
    url.pathname = `/${database}`;
    expect(await failure(openStore({ url: url.href }))).toMatchObject({ code: "store-refused" });
  });
});

it.each([
  [1129, "", "store-refused", /locked this machine out/],
  [1130, "", "store-refused", /lets nobody in from this machine/],
  [3159, "", "store-refused", /add \?tls=verify/],
  [3032, "", "store-unavailable", /in offline mode/],
  [1021, "", "store-unavailable", /is full/],
  [1114, "", "store-unavailable", /is full/],
  [1030, 'Got error 28 "No space left on device" from storage engine InnoDB', "store-unavailable", /is full/],
  [1030, "Got error 168 'Unknown (generic) error from engine'", "store-failed", /failed/],
  [
    3,
    "Error writing file '/tmp/MYfd=33' (Errcode: 28 - No space left on device)",
    "store-unavailable",
    /is full/,
  ],
  [1047, "WSREP has not yet prepared node for application use", "store-unavailable", /cluster/],
  [1053, "Server shutdown in progress", "store-unavailable", /broke the connection/],
  [1969, "Query execution was interrupted (max_statement_time exceeded)", "store-unavailable", /broke off/],
  [3101, "", "transaction-conflict", /stood in another one's way/],
  [
    1251,
    "Client does not support authentication protocol requested by server",
    "store-refused",
    /another way/,
  ],
  [1524, "Plugin 'mysql_native_password' is not loaded", "store-refused", /by mysql_native_password/],
  [1273, "Unknown collation: 'utf8mb4_unicode_ci'", "store-unavailable", /knows no utf8mb4/],
])("a server's error %i (%s) is %s", (errno, message, code, says) => {
  // What no server here can be brought to say.
  const error = mysqlError(
    Object.assign(new Error(message), { errno, code: "ER_SOME" }),
    "The database at db:3306/mail",
  );
  expect(error).toMatchObject({ code, message: expect.stringMatching(says) });
  // Longer ones are cut where they are shown.
  expect(error.message.length).toBeLessThan(260);
});
