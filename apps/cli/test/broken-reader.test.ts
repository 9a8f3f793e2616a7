import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { openDatabase } from "@mailonce/runtime";
import { type Pop3Server, startPop3Server, temporaryFolder } from "@mailonce/testkit";
import { sharedMariaDb } from "@mailonce/testkit/vitest";
import { beforeAll, describe, expect, it } from "vitest";
import { build, type Ended, User } from "./mailonce.ts";

beforeAll(build, 180_000);

const BREAKER = fileURLToPath(new URL("broken-reader.mjs", import.meta.url));
const WAYS = [
  ["does not start", "broken on purpose"],
  ["throws", "broken on purpose"],
  ["ends its process", "ended in the middle"],
  ["hangs", "longer than"],
  ["takes all memory, bit by bit", "more memory"],
  ["takes all memory, much at once", "more memory"],
] as const;

const urlOf = (server: Pop3Server): string => `pop3://alice@127.0.0.1:${server.port}?tls=none`;

const mail = (...subjects: readonly string[]): readonly Uint8Array[] =>
  subjects.map((subject) => Buffer.from(`Subject: ${subject}\r\n\r\nThis is ${subject}.\r\n`));

const said = ({ code, stdout, stderr }: Ended): unknown => ({ code, stdout, stderr });

/** Has the reader of the commands break in that way. */
function breaking(how: string, only = ""): Record<string, string> {
  return {
    NODE_OPTIONS: `--import=${BREAKER}`,
    MAILONCE_TEST_READER: how,
    MAILONCE_TEST_READER_ONLY: only,
  };
}

/**
 * Fetches while messages of an earlier fetch wait to be indexed, and lets nothing new arrive before standard error says
 * `until`.
 */
async function fetchWhile(
  user: User,
  server: Pop3Server,
  env: Record<string, string>,
  until: string,
): Promise<Ended> {
  const fetch = user.start(["fetch", "--json", urlOf(server)], { env });
  const held = { verb: "RETR", nth: 1, connection: server.sessions.length + 1, afterOctets: 10 };
  server.faults = [{ at: held, do: "hold", until: () => fetch.shown(until) }];
  return fetch.ended;
}

describe.each(WAYS)("a reader that %s", (how, reason) => {
  it("leaves what a fetch stores, and how it ends, as they are", async () => {
    await using server = await startPop3Server();
    await using user = new User();
    server.maildrop.deliverAll(mail("one", "two"));
    expect(said(await user.run(["fetch", urlOf(server)]))).toMatchObject({ code: 0, stderr: "" });
    server.maildrop.deliverAll(mail("three", "four", "five"));
    const fetched = await fetchWhile(user, server, breaking(how), "cannot be indexed");
    expect(fetched).toMatchObject({ code: 0, signal: null });
    expect(fetched.json.at(-1)).toMatchObject({ type: "summary", counts: { stored: 3, known: 2 } });
    const warnings = fetched.stderr.trimEnd().split("\n");
    expect(warnings).toEqual([
      expect.stringMatching(
        /^mailonce: what is in the messages cannot be indexed \(.*\); the messages are stored\./,
      ),
    ]);
    expect(warnings[0]).toContain(reason);

    const failed = await user.run(["index"], { env: breaking(how) });
    expect(said(failed)).toMatchObject({ code: 1, stdout: "" });
    expect(failed.stderr).toMatch(/^mailonce: no message can be read: .*\n$/);
    // No message is to blame.
    expect(said(await user.run(["index"]))).toMatchObject({ code: 0, stdout: "5 messages indexed.\n" });
  });
});

describe.each(WAYS.filter(([how]) => /^ends|at once/.test(how)))(
  "a message at which the reader %s",
  (how, reason) => {
    it("is stored, and passed over; all others are indexed", async () => {
      await using server = await startPop3Server();
      await using user = new User();
      server.maildrop.deliverAll(mail("one", "terrible", "three"));
      await user.run(["fetch", urlOf(server)]);
      const env = breaking(how, "terrible");
      const indexed = await user.run(["index"], { env });
      expect(said(indexed)).toMatchObject({ code: 65, stdout: "2 messages indexed.\n" });
      expect(indexed.stderr).toMatch(/^mailonce: message [0-9a-f]{12} cannot be read: .*\n$/);
      expect(indexed.stderr).toContain(reason);
      expect((await user.run(["index", "--status"])).stdout).toBe("3 messages, 1 that could not be read.\n");
      expect(said(await user.run(["fetch", urlOf(server)]))).toMatchObject({ code: 0, stderr: "" });
      expect(said(await user.run(["index", "--rebuild"]))).toEqual({
        code: 0,
        stdout: "3 messages indexed, 3 headers read anew.\n",
        stderr: "",
      });
    });
  },
);

describe("tables for what is in the messages that", () => {
  /** Breaks them when there is a message, and fetches some more. */
  async function fetchAfter(
    database: string,
    breakThem: () => Promise<unknown>,
    said: RegExp,
  ): Promise<Ended> {
    await using server = await startPop3Server();
    await using user = new User();
    const env = { MAILONCE_DATABASE: database };
    server.maildrop.deliverAll(mail("one"));
    await user.run(["fetch", urlOf(server)], { env });
    await breakThem();
    server.maildrop.deliverAll(mail("two", "three"));
    const fetched = await fetchWhile(user, server, env, "cannot be indexed");
    expect(fetched).toMatchObject({ code: 0, signal: null });
    expect(fetched.json.at(-1)).toMatchObject({ type: "summary", counts: { stored: 2, known: 1 } });
    expect(fetched.stderr.trimEnd().split("\n")).toEqual([
      expect.stringMatching(
        /^mailonce: what is in the messages cannot be indexed \(.*\); the messages are stored\./,
      ),
    ]);
    expect(fetched.stderr).toMatch(said);
    return await user.run(["index"], { env });
  }

  it("were dropped leave a fetch as it is", async () => {
    await using folder = temporaryFolder();
    const database = `sqlite:${join(folder.path, "mail.sqlite")}`;
    const index = await fetchAfter(
      database,
      async () => {
        await using store = await openDatabase(database, {});
        for (const table of DERIVED) await store.dataSource.query(`DROP TABLE mailonce_${table}`);
      },
      /lacks a table/,
    );
    expect(said(index)).toMatchObject({
      code: 78,
      stdout: "",
      stderr: expect.stringContaining("lacks a table"),
    });
  });

  it("may not be written to leave a fetch as it is", async () => {
    const server = sharedMariaDb();
    const { mariadbUrl, name } = await server.createDatabase();
    const user = `'${name}'@'127.0.0.1'`;
    const index = await fetchAfter(
      mariadbUrl,
      async () => {
        const tables = (await server.sql(`SHOW TABLES FROM ${name}`)).trim().split("\n");
        const grants = tables
          .filter((table) => table.startsWith("mailonce_"))
          .map((table) => {
            const rights = DERIVED.includes(table.replace("mailonce_", "")) ? "SELECT" : "ALL";
            return `GRANT ${rights} ON ${name}.${table} TO ${user};`;
          });
        await server.sql(`REVOKE ALL ON ${name}.* FROM ${user}; ${grants.join(" ")}`);
      },
      /does not grant the user what is needed/,
    );
    expect(said(index)).toMatchObject({
      code: 69,
      stdout: "",
      stderr: expect.stringContaining("does not grant the user what is needed"),
    });
  });
});

/** The tables of what is derived from messages. */
const DERIVED: readonly string[] = [
  "message_words",
  "message_address",
  "message_part",
  "message_content",
  "content_state",
  "content_mark",
];
