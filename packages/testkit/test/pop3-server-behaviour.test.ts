import { Buffer } from "node:buffer";
import { expect, test } from "vitest";
import { type MaildropBehaviour, type Pop3Server, startPop3Server, uniqueIds } from "../src/index.ts";
import { RawClient } from "./raw-client.ts";

const header = "Subject: x\r\n\r\n";

async function serverOf(count: number, behaviour: MaildropBehaviour = {}): Promise<Pop3Server> {
  const server = await startPop3Server({ maildrop: behaviour });
  for (let index = 1; index <= count; index += 1) {
    server.maildrop.deliver(Buffer.from(`${header}${index}\r\n`), { uniqueId: `u${index}` });
  }
  return server;
}

async function listing(server: Pop3Server, verb: "UIDL" | "LIST" = "UIDL"): Promise<readonly string[]> {
  await using client = await RawClient.open(server.port);
  await client.logIn();
  const { body } = await client.multiLine(verb);
  return body.toString("latin1").split("\r\n").slice(0, -1);
}

test.each([
  ["newest", ["1 u4", "2 u5"]],
  ["oldest", ["1 u1", "2 u2"]],
] as const)("shows the two %s messages only", async (show, expected) => {
  await using server = await serverOf(5, { window: { show, count: 2 } });
  expect(await listing(server)).toEqual(expected);
});

test.each([
  ["empty", []],
  ["oldest half", ["1 u1", "2 u2"]],
  ["newest half", ["1 u3", "2 u4"]],
] as const)("shows an %s listing once", async (nextListing, expected) => {
  await using server = await serverOf(4, { nextListing });
  expect(await listing(server)).toEqual(expected);
  expect(await listing(server)).toHaveLength(4);
});

test("renumbers, and fixes what a session sees at its login", async () => {
  await using server = await serverOf(2);
  await using client = await RawClient.open(server.port);
  await client.logIn();
  server.maildrop.renumber();
  server.maildrop.deliver(Buffer.from("new\r\n"));
  expect((await client.multiLine("UIDL")).body.toString()).toBe("1 u1\r\n2 u2\r\n");
  const renumbered = await listing(server);
  expect(renumbered).toHaveLength(3);
  expect(new Set(renumbered.map((line) => line.slice(2))).size).toBe(3);
  expect(renumbered.join()).not.toContain("u1");
});

test("gives unique-ids as servers do that know no better", async () => {
  await using server = await serverOf(2);
  const shown: Record<string, readonly string[]> = {};
  for (const [name, uniqueIdOf] of Object.entries(uniqueIds)) {
    server.maildrop.behaviour.uniqueIdOf = uniqueIdOf;
    shown[name] = await listing(server);
  }
  expect(shown["shared"]).toEqual(["1 the-same-for-all", "2 the-same-for-all"]);
  expect(shown["empty"]).toEqual(["1", "2"]);
  expect(shown["withSpace"]).toEqual(["1 id 1", "2 id 2"]);
  expect(shown["caseOnly"]).toEqual(["1 Abcdefgh", "2 aBcdefgh"]);
  expect(shown["long"]?.[0]).toHaveLength(153);
  expect(shown["veryLong"]?.[0]).toHaveLength(302);
  expect(shown["nonAscii"]?.[0]).toBe("1 \xe9\xff1");
});

test("lists what it likes", async () => {
  await using server = await serverOf(3, {
    listedOctets: (message) => message.bytes.length + 7,
    listingLine: (verb, line, messageNumber) =>
      messageNumber !== 2 ? line : verb === "UIDL" ? ["not a listing line", ""] : [],
  });
  expect(await listing(server)).toEqual(["1 u1", "not a listing line", "", "3 u3"]);
  expect(await listing(server, "LIST")).toEqual(["1 24", "3 24"]);
});

test("refuses verbs and messages", async () => {
  await using server = await serverOf(3, {
    without: ["UIDL", "CAPA"],
    refusals: { STAT: "-ERR [SYS/TEMP] No STAT today" },
    refuse: (verb, messageNumber) =>
      verb === "RETR" && messageNumber === 2 ? "-ERR [SYS/PERM] Gone" : undefined,
  });
  await using client = await RawClient.open(server.port);
  await client.line();
  expect(await client.command("CAPA")).toMatch(/^-ERR/);
  await client.command("USER alice");
  await client.command("PASS secret");
  expect(await client.command("UIDL")).toMatch(/^-ERR/);
  expect(await client.command("STAT")).toBe("-ERR [SYS/TEMP] No STAT today\r\n");
  expect(await client.command("RETR 2")).toBe("-ERR [SYS/PERM] Gone\r\n");
  expect((await client.multiLine("RETR 3")).status).toMatch(/^\+OK/);
});

test("lies at TOP, and writes volatile header lines into messages at RETR", async () => {
  await using server = await serverOf(1, {
    top: Buffer.from("Subject: for everybody\r\n\r\n"),
    volatileHeader: (message, { connection }) =>
      `Status: RO\r\nX-UIDL: ${message.uniqueId}.${connection}\r\n`,
    finalLineEnd: "always",
  });
  await using client = await RawClient.open(server.port);
  await client.logIn();
  expect((await client.multiLine("TOP 1 0")).body.toString()).toBe("Subject: for everybody\r\n\r\n\r\n");
  expect((await client.multiLine("RETR 1")).body.toString()).toBe(
    `Status: RO\r\nX-UIDL: u1.1\r\n${header}1\r\n\r\n`,
  );
});

test("announces a pipelining that loses what follows PASS", async () => {
  await using server = await serverOf(1, { pipelining: "broken after PASS" });
  await using client = await RawClient.open(server.port);
  await client.line();
  client.send("CAPA\r\nUSER alice\r\nPASS secret\r\nSTAT\r\n");
  expect(await client.until("+OK Logged in.\r\n")).toContain("PIPELINING\r\n");
  expect(await client.command("NOOP")).toBe("+OK\r\n");
  expect(server.count("STAT")).toBe(0);
});

test("answers with LF alone", async () => {
  await using server = await serverOf(1, { lineEnd: "\n" });
  await using client = await RawClient.open(server.port);
  client.send("USER alice\nPASS secret\nUIDL\nQUIT\n");
  expect(await client.rest()).toBe(
    "+OK Scripted POP3 server ready.\n+OK\n+OK Logged in.\n+OK 1 messages:\n1 u1\n.\n+OK Logging out.\n",
  );
});

test("lets one session in at a time when told so", async () => {
  await using server = await serverOf(1, { exclusive: true });
  {
    await using first = await RawClient.open(server.port);
    await first.logIn();
    await using second = await RawClient.open(server.port);
    await expect(second.logIn()).rejects.toThrow("[IN-USE]");
  }
  await server.waitFor(({ sessions }) => sessions[0]?.ended === "by client");
  await using third = await RawClient.open(server.port);
  await third.logIn();
});

test("deletes at QUIT only", async () => {
  await using server = await serverOf(2);
  for (const [end, left] of [
    ["RSET", 2],
    ["NOOP", 2],
    ["QUIT", 1],
  ] as const) {
    await using client = await RawClient.open(server.port);
    await client.logIn();
    await client.command("DELE 1");
    expect((await client.multiLine("UIDL")).body.toString()).toBe("2 u2\r\n");
    await client.command(end);
    if (end === "RSET") await client.command("QUIT");
    expect(server.maildrop.messages).toHaveLength(left);
  }
});

test("lists a message that vanished after the login, and cannot retrieve it", async () => {
  await using server = await serverOf(3);
  await using client = await RawClient.open(server.port);
  await client.logIn();
  for (const message of server.maildrop.messages.slice(1, 2)) server.maildrop.remove(message);
  expect((await client.multiLine("UIDL")).body.toString()).toBe("1 u1\r\n2 u2\r\n3 u3\r\n");
  expect(await client.command("RETR 2")).toBe("-ERR Message 2 expunged.\r\n");
  expect(await client.command("TOP 2 0")).toBe("-ERR Message 2 expunged.\r\n");
  expect((await client.multiLine("RETR 3")).body.toString()).toBe(`${header}3\r\n`);
  expect(await listing(server)).toEqual(["1 u1", "2 u3"]);
});

test.each([
  ["any line end", ".a\n.b\r\n.c\r\n", "..a\n..b\r\n..c\r\n"],
  ["none", ".a\r\n..b\r\n", ".a\r\n..b\r\n"],
] as const)("stuffs bytes after %s", async (byteStuffing, message, wire) => {
  await using server = await startPop3Server({ maildrop: { byteStuffing } });
  server.maildrop.deliver(Buffer.from(message));
  await using client = await RawClient.open(server.port);
  await client.logIn();
  expect((await client.multiLine("RETR 1")).body.toString()).toBe(wire);
});

test("serves other octets to a session that did not send UTF8", async () => {
  await using server = await serverOf(1, {
    serve: (message, { utf8, connection }) =>
      utf8 ? message.bytes : Buffer.from(`wrapped ${connection}\r\n`),
  });
  const bodies: string[] = [];
  for (const first of ["NOOP", "UTF8"]) {
    await using client = await RawClient.open(server.port);
    await client.line();
    for (const command of [first, "USER alice", "PASS secret"]) await client.command(command);
    bodies.push((await client.multiLine("RETR 1")).body.toString());
  }
  expect(bodies).toEqual(["wrapped 1\r\n", `${header}1\r\n`]);
});
