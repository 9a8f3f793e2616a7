import { Buffer } from "node:buffer";
import { expect, test } from "vitest";
import { type Fault, startPop3Server } from "../src/index.ts";
import { RawClient } from "./raw-client.ts";

const body = "Subject: x\r\n\r\nbody\r\n";
const reply = `+OK ${body.length} octets\r\n${body}.\r\n`;

async function serverWith(faults: readonly Fault[]) {
  const server = await startPop3Server({ faults });
  for (let index = 0; index < 5; index += 1) server.maildrop.deliver(Buffer.from(body));
  return server;
}

test("closes after so many octets of the third RETR, although more commands were sent", async () => {
  await using server = await serverWith([{ at: { verb: "RETR", nth: 3, afterOctets: 20 }, do: "close" }]);
  await using client = await RawClient.open(server.port);
  await client.logIn();
  client.send("RETR 1\r\nRETR 2\r\nRETR 3\r\nRETR 4\r\nQUIT\r\n");
  expect(await client.rest()).toBe(reply + reply + reply.slice(0, 20));
  expect(client.errorCode).toBeUndefined();
  expect(server.sessions[0]).toMatchObject({ retrieved: [1, 2], quit: false, ended: "by fault" });
});

test("closes after the last octet of a reply", async () => {
  await using server = await serverWith([{ at: { verb: "RETR", afterOctets: 1_000_000 }, do: "close" }]);
  await using client = await RawClient.open(server.port);
  await client.logIn();
  client.send("RETR 1\r\nNOOP\r\n");
  expect(await client.rest()).toBe(reply);
  expect(server.sessions[0]).toMatchObject({ retrieved: [1], ended: "by fault" });
});

test("resets the connection, on the first connection only", async () => {
  await using server = await serverWith([{ at: { verb: "STAT", connection: 1 }, do: "reset" }]);
  await using client = await RawClient.open(server.port);
  await client.logIn();
  client.send("STAT\r\n");
  await client.rest();
  expect(client.errorCode).toBe("ECONNRESET");
  await using again = await RawClient.open(server.port);
  await again.logIn();
  expect(await again.command("STAT")).toMatch(/^\+OK 5/);
  expect(server.faultsMet).toBe(1);
});

test("stalls in the middle of a reply until the client goes away", async () => {
  await using server = await serverWith([{ at: { verb: "UIDL", afterOctets: 25 }, do: "stall" }]);
  {
    await using client = await RawClient.open(server.port);
    await client.logIn();
    client.send("UIDL\r\nNOOP\r\n");
    expect(await client.until("1 000000")).toHaveLength(25);
  }
  await server.waitFor(({ sessions }) => sessions[0]?.ended === "by client");
  expect(server.sessions[0]?.commands.at(-1)).toBe("UIDL");
});

test("garbles, truncates and inserts, and stays in the session", async () => {
  await using server = await serverWith([
    { at: { verb: "RETR", messageNumber: 1, afterOctets: 15 }, do: "garble", octets: "\xff\r\n.\r\n" },
    { at: { verb: "RETR", messageNumber: 2, afterOctets: 15 }, do: "truncate" },
    { at: { verb: "RETR", messageNumber: 3 }, do: "insert", octets: "\r\n" },
    { at: { verb: "RETR", messageNumber: 4, afterOctets: 0 }, do: "insert", octets: "* " },
  ]);
  await using client = await RawClient.open(server.port);
  await client.logIn();
  client.send("RETR 1\r\nRETR 2\r\nRETR 3\r\nRETR 4\r\nQUIT\r\n");
  const start = reply.slice(0, 15);
  expect(await client.rest()).toBe(`${start}\xff\r\n.\r\n${start}${reply}\r\n* ${reply}+OK Logging out.\r\n`);
  expect(server.sessions[0]?.retrieved).toEqual([3, 4]);
});

test("overwrites octets, also over the seam between status line and message", async () => {
  await using server = await serverWith([
    { at: { verb: "RETR", messageNumber: 1, afterOctets: 1 }, do: "overwrite", octets: "XY" },
    { at: { verb: "RETR", messageNumber: 2, afterOctets: 12 }, do: "overwrite", octets: "zzzz" },
    { at: { verb: "RETR", messageNumber: 3, afterOctets: reply.length - 3 }, do: "overwrite", octets: "!" },
  ]);
  await using client = await RawClient.open(server.port);
  await client.logIn();
  client.send("RETR 1\r\nRETR 2\r\nRETR 3\r\nQUIT\r\n");
  const over = (at: number, octets: string): string =>
    reply.slice(0, at) + octets + reply.slice(at + octets.length);
  expect(await client.rest()).toBe(
    `${over(1, "XY")}${over(12, "zzzz")}${over(reply.length - 3, "!")}+OK Logging out.\r\n`,
  );
  expect(server.sessions[0]?.retrieved).toEqual([1, 2, 3]);
});

test.each([
  "-ERR [AUTH] Authentication failed.",
  "-ERR [IN-USE] Mailbox is locked",
  "-ERR [LOGIN-DELAY] Wait",
  "-ERR [SYS/TEMP] Try later",
])("answers PASS once with %s, and logs in at the second try", async (text) => {
  await using server = await serverWith([{ at: { verb: "PASS", times: 1 }, do: "reply", text }]);
  await using client = await RawClient.open(server.port);
  await client.line();
  await client.command("USER alice");
  expect(await client.command("PASS secret")).toBe(`${text}\r\n`);
  expect(await client.command("STAT")).toMatch(/^-ERR/);
  expect(await client.command("PASS secret")).toMatch(/^\+OK/);
});

test("closes before the greeting, and greets otherwise", async () => {
  await using server = await serverWith([{ at: { verb: "GREETING", connection: 1 }, do: "close" }]);
  await using client = await RawClient.open(server.port);
  expect(await client.rest()).toBe("");
  server.greeting = "-ERR [SYS/TEMP] Server too busy";
  await using again = await RawClient.open(server.port);
  expect(await again.line()).toBe("-ERR [SYS/TEMP] Server too busy\r\n");
});

test("holds a reply until the test lets it go", async () => {
  let release = (): void => {};
  const until = new Promise<void>((resolve) => {
    release = resolve;
  });
  await using server = await serverWith([
    { at: { verb: "RETR", afterOctets: 10 }, do: "hold", until: () => until },
  ]);
  await using client = await RawClient.open(server.port);
  await client.logIn();
  client.send("RETR 1\r\nNOOP\r\n");
  expect(await client.until(reply.slice(0, 10))).toBe(reply.slice(0, 10));
  await server.waitFor(() => server.count("RETR") === 1);
  expect(server.count("NOOP")).toBe(0);
  release();
  expect(await client.until("+OK\r\n")).toBe(`${reply.slice(10)}+OK\r\n`);
});

test("does not act upon a QUIT that it closes on, but upon one whose answer is lost", async () => {
  await using server = await serverWith([
    { at: { verb: "QUIT", connection: 1 }, do: "close" },
    { at: { verb: "QUIT", connection: 2, afterOctets: 3 }, do: "close" },
  ]);
  server.maildrop.behaviour.hidesRetrieved = true;
  for (const [end, hidden] of [
    ["", 0],
    ["+OK", 1],
  ] as const) {
    await using client = await RawClient.open(server.port);
    await client.logIn();
    await client.multiLine("RETR 2");
    client.send("QUIT\r\n");
    expect(await client.rest()).toBe(end);
    expect(server.maildrop.messages.filter((message) => message.hidden)).toHaveLength(hidden);
    expect(server.sessions.at(-1)).toMatchObject({ quit: true, ended: "by fault" });
  }
});

test("takes its faults from a function of the connection", async () => {
  await using server = await startPop3Server({
    faults: (connection) => (connection % 2 === 1 ? [{ at: { verb: "ANY", nth: 3 }, do: "close" }] : []),
  });
  for (const text of ["", "+OK 0 0\r\n+OK Logging out.\r\n"]) {
    await using client = await RawClient.open(server.port);
    await client.logIn();
    client.send("STAT\r\nQUIT\r\n");
    expect(await client.rest()).toBe(text);
  }
});

test.each(["none", "tls"] as const)(
  "speaks unasked and shuts down with a last line (security %s)",
  async (security) => {
    await using server = await startPop3Server({ security });
    const ca = server.certificate?.ca;
    await using client =
      ca === undefined ? await RawClient.open(server.port) : await RawClient.openTls(server.port, ca);
    await client.logIn();
    server.sendUnasked("* surprise\r\n");
    expect(await client.line()).toBe("* surprise\r\n");
    expect(await client.command("NOOP")).toBe("+OK\r\n");
    server.disconnectAll("-ERR [SYS/TEMP] Server shutting down.");
    expect(await client.rest()).toBe("-ERR [SYS/TEMP] Server shutting down.\r\n");
    expect(server.sessions[0]?.ended).toBe("by server");
  },
);

test("resets a TLS connection in place of a reply", async () => {
  const faults: Fault[] = [{ at: { verb: "NOOP" }, do: "reset" }];
  await using server = await startPop3Server({ security: "tls", faults });
  await using client = await RawClient.openTls(server.port, server.certificate?.ca ?? "");
  await client.logIn();
  client.send("NOOP\r\n");
  await client.rest();
  expect(client.errorCode).toBe("ECONNRESET");
});

test("puts a forged plaintext reply behind its answer to STLS, or closes instead of a handshake", async () => {
  await using server = await startPop3Server({
    security: "stls",
    faults: [
      { at: { verb: "STLS", connection: 1 }, do: "insert", octets: "+OK forged\r\n" },
      { at: { verb: "STLS", connection: 2, afterOctets: 1000 }, do: "close" },
    ],
  });
  const begin = "+OK Begin TLS negotiation now.\r\n";
  await using client = await RawClient.open(server.port);
  await client.line();
  client.send("STLS\r\n");
  expect(await client.until("forged\r\n")).toBe(`${begin}+OK forged\r\n`);
  await using other = await RawClient.open(server.port);
  await other.line();
  other.send("STLS\r\n");
  expect(await other.rest()).toBe(begin);
});
