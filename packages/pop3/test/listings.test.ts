import { describe, expect, test } from "vitest";
import { all, allListings, errorOf, loggedIn } from "./client.ts";
import { type Answer, serve } from "./server.ts";

const latin1 = (text: string): Buffer => Buffer.from(text, "latin1");
const replies =
  (table: Readonly<Record<string, string | Buffer>>): Answer =>
  (line) =>
    table[line];

test.each(["+OK many\r\n", "+OK\r\n", "+OK 99999999999999999999 1\r\n", "-ERR what?\r\n"])(
  "gives the listings although STAT is answered by %j",
  async (stat) => {
    const answer = replies({ STAT: stat, UIDL: "+OK\r\n1 a\r\n.\r\n", LIST: "+OK\r\n1 1\r\n.\r\n" });
    await using server = await serve({ answer });
    await using client = await loggedIn(server);
    expect(await allListings(client)).toEqual({ stat: null, uidl: "1 a\r\n", list: "1 1\r\n" });
    expect(await errorOf(client.stat())).toMatchObject({ sessionUsable: true });
  },
);

test("ends the listings with the refusal of STAT where a code says why", async () => {
  await using server = await serve({
    answer: replies({
      STAT: "-ERR [SYS/TEMP] later\r\n",
      UIDL: "+OK\r\n.\r\n",
      LIST: "+OK\r\n.\r\n",
    }),
  });
  await using client = await loggedIn(server);
  expect(await errorOf(allListings(client))).toMatchObject({ verb: "STAT", advice: "later" });
  await client.noop();
});

test.each([true, false])(
  "ends the listings with the refusal of UIDL where a code says why, pipelining %j",
  async (pipelining) => {
    const table = { STAT: "+OK 1 1\r\n", UIDL: "", LIST: "+OK\r\n1 1\r\n.\r\n" };
    await using server = await serve({
      capabilities: pipelining ? ["PIPELINING"] : [],
      answer: replies(table),
    });
    await using client = await loggedIn(server);
    for (const code of ["SYS/TEMP", "SYS/TEMP/DISK", "IN-USE", "LOGIN-DELAY", "SYS/PERM", "AUTH"]) {
      table.UIDL = `-ERR [${code}] no\r\n`;
      expect(await errorOf(allListings(client))).toMatchObject({ verb: "UIDL", responseCode: code });
    }
    for (const said of ["", " unknown command", " [X-NEW] what?"]) {
      table.UIDL = `-ERR${said}\r\n`;
      expect(await allListings(client)).toMatchObject({ uidl: null, list: "1 1\r\n" });
    }
    await client.noop();
  },
);

const nothing = "-ERR no messages\r\n";
const empty = "+OK\r\n.\r\n";
test.each([
  { STAT: "+OK 0 0\r\n", UIDL: nothing, LIST: nothing, uidl: null },
  { STAT: "+OK 0 0\r\n", UIDL: empty, LIST: nothing, uidl: "" },
  { STAT: "+OK 0 messages\r\n", UIDL: nothing, LIST: nothing, uidl: null },
  { STAT: nothing, UIDL: empty, LIST: nothing, uidl: "" },
])("takes a refusal to list nothing for an empty listing: %j", async ({ uidl, ...table }) => {
  await using server = await serve({ answer: replies(table) });
  await using client = await loggedIn(server);
  expect(await allListings(client)).toMatchObject({ uidl, list: "" });
  await client.noop();
});

test.each([
  { STAT: "+OK 1 100\r\n", UIDL: empty, LIST: nothing },
  { STAT: "+OK 0 0\r\n", UIDL: "+OK\r\n1 a\r\n.\r\n", LIST: nothing },
  { STAT: "+OK many\r\n", UIDL: nothing, LIST: nothing },
  { STAT: nothing, UIDL: nothing, LIST: nothing },
  { STAT: nothing, UIDL: "+OK\r\n1 a\r\n.\r\n", LIST: nothing },
])("never takes a refusal alone for an empty listing: %j", async (table) => {
  await using server = await serve({ answer: replies(table) });
  await using client = await loggedIn(server);
  expect(await errorOf(allListings(client))).toMatchObject({ code: "POP3_COMMAND_REFUSED", verb: "LIST" });
  await client.noop();
});

test("reads listings with blanks and empty lines where RFC 1939 has none", async () => {
  await using server = await serve({
    answer: replies({
      UIDL: "+OK\r\n 1 a\r\n\t2\tb b\r\n\r\n  \r\n3  c\r\n\r\n.\r\n",
      LIST: "+ok\r\n  1 100\r\n\r\n2\t200 octets\r\n 3  300\r\n\r\n.\r\n",
    }),
  });
  await using client = await loggedIn(server);
  const ids = await all(client.uidl());
  expect(ids.map(({ uniqueId }) => Buffer.from(uniqueId).toString())).toEqual(["a", "b b", "c"]);
  expect((await all(client.list())).map(({ octets }) => octets)).toEqual([100, 200, 300]);
  await client.noop();
});

test("gives a unique-id octet by octet, whatever its charset", async () => {
  await using server = await serve({ answer: replies({ "UIDL 1": latin1("+OK 1 \xe9\xff\r\n") }) });
  await using client = await loggedIn(server);
  expect(Buffer.from((await client.uidlOne(1)).uniqueId)).toEqual(latin1("\xe9\xff"));
});

describe("a listing without end", () => {
  const endless =
    (verb: string, line: string | ((n: number) => string), stat = "+OK 3 300\r\n"): Answer =>
    (asked, peer) => {
      if (asked === "STAT") return stat;
      if (asked === "UIDL" && verb === "LIST") return "+OK\r\n1 a\r\n.\r\n";
      if (asked !== verb) return asked === "LIST" ? "" : undefined;
      peer.write("+OK\r\n");
      let n = 0;
      const more = (): void => {
        let lines = "";
        for (let count = 0; count < 500; count++) lines += typeof line === "string" ? line : line(++n);
        // Until the client has had enough.
        if (!peer.socket.destroyed) peer.socket.write(lines, more);
      };
      more();
      return "";
    };

  test.each(["UIDL", "LIST"])("ends soon after ten times what STAT counts (%s)", async (verb) => {
    await using server = await serve({ answer: endless(verb, (n) => `${n} 100\r\n`) });
    await using client = await loggedIn(server);
    let octets = 0;
    const reading = (async () => {
      for await (const part of client.listings())
        if (part.kind === "uidl" || part.kind === "list") octets += part.octets.length;
    })();
    expect(await errorOf(reading)).toMatchObject({
      code: "POP3_LIMIT_EXCEEDED",
      limit: "listingLines",
      message: "the server sent more than 10030 lines (limit listingLines)",
      sessionUsable: false,
    });
    expect(octets).toBeLessThan(1024 * 1024);
    await server.closed();
  });

  test.each(["1 1\r\n", "\r\n", "\n"])(
    "ends after so many lines where STAT says nothing: %j",
    async (line) => {
      await using server = await serve({ answer: endless("LIST", line, "+OK\r\n") });
      await using client = await loggedIn(server, { limits: { listingLines: 20_000 } });
      expect(await errorOf(allListings(client))).toMatchObject({ limit: "listingLines" });
      expect(await errorOf(client.noop())).toMatchObject({ limit: "listingLines" });
    },
  );

  test.each(["uidl", "list"] as const)(
    "ends after so many lines when it is read line by line (%s)",
    async (verb) => {
      await using server = await serve({ answer: endless(verb.toUpperCase(), "x\r\n") });
      await using client = await loggedIn(server, { limits: { listingLines: 2_000 } });
      expect(await errorOf(all<unknown>(client[verb]()))).toMatchObject({ limit: "listingLines" });
      await server.closed();
    },
  );

  test.each([
    ["in one line", "x".repeat(100)],
    ["in lines that go on over pieces", `${"x".repeat(1700)}`],
  ])("ends where it is %s", async (_, line) => {
    await using server = await serve({ answer: endless("UIDL", line) });
    await using client = await loggedIn(server, { limits: { listingLineOctets: 100 } });
    expect(await errorOf(allListings(client))).toMatchObject({ limit: "listingLineOctets" });
    await server.closed();
  });

  test("is not one that STAT has counted wrongly", async () => {
    const lines = Array.from({ length: 10_000 }, (_, n) => `${n + 1} 1\r\n`).join("");
    const answer = replies({
      STAT: "+OK 0 0\r\n",
      UIDL: `+OK\r\n${lines}.\r\n`,
      LIST: `+OK\r\n${lines}.\r\n`,
    });
    await using server = await serve({ answer });
    await using client = await loggedIn(server);
    expect((await allListings(client)).list).toBe(lines);
    await client.noop();
  });

  test("may have lines of any length that a listing can have", async () => {
    const line = `1 ${"x".repeat(60_000)}\r\n`;
    await using server = await serve({
      answer: replies({ STAT: "+OK 1 1\r\n", UIDL: `+OK\r\n${line}.\r\n`, LIST: "+OK\r\n1 1\r\n.\r\n" }),
    });
    await using client = await loggedIn(server);
    expect((await allListings(client)).uidl).toBe(line);
  });
});
