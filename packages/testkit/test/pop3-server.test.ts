import { Buffer } from "node:buffer";
import { expect, test } from "vitest";
import { startPop3Server } from "../src/index.ts";
import { RawClient, unstuff } from "./raw-client.ts";

const mail = (text: string): Uint8Array => Buffer.from(text, "latin1");

test("serves a maildrop from greeting to QUIT", async () => {
  await using server = await startPop3Server();
  server.maildrop.deliver(mail("Subject: one\r\n\r\nHello\r\n"), { uniqueId: "first" });
  server.maildrop.deliver(mail("Subject: two\r\n\r\nWorld\r\n"), { uniqueId: "second" });
  await using client = await RawClient.open(server.port);
  expect(await client.line()).toBe("+OK Scripted POP3 server ready.\r\n");
  expect(await client.command("USER alice")).toBe("+OK\r\n");
  expect(await client.command("PASS secret")).toBe("+OK Logged in.\r\n");
  expect(await client.command("STAT")).toBe("+OK 2 46\r\n");
  expect(await client.multiLine("LIST")).toEqual({
    status: "+OK 2 messages:\r\n",
    body: Buffer.from("1 23\r\n2 23\r\n"),
  });
  expect(await client.command("LIST 2")).toBe("+OK 2 23\r\n");
  expect((await client.multiLine("UIDL")).body.toString()).toBe("1 first\r\n2 second\r\n");
  expect(await client.command("UIDL 1")).toBe("+OK 1 first\r\n");
  expect((await client.multiLine("RETR 1")).body.toString()).toBe("Subject: one\r\n\r\nHello\r\n");
  expect((await client.multiLine("TOP 2 0")).body.toString()).toBe("Subject: two\r\n\r\n");
  expect(await client.command("RETR 3")).toMatch(/^-ERR/);
  expect(await client.command("LAST")).toBe("+OK 1\r\n");
  expect(await client.command("QUIT")).toBe("+OK Logging out.\r\n");
  expect(await client.rest()).toBe("");
  const [session] = server.sessions;
  expect(session?.commands.slice(0, 2)).toEqual(["USER alice", "PASS ***"]);
  expect(session).toMatchObject({ retrieved: [1], quit: true, ended: "quit", user: "alice", loggedIn: true });
});

test.each([
  ["a line that begins with dots", "A: b\r\n\r\n.one\r\n..two\r\n", "A: b\r\n\r\n..one\r\n...two\r\n.\r\n"],
  ["a lone dot in the middle", "A: b\r\n\r\n.\r\nx\r\n", "A: b\r\n\r\n..\r\nx\r\n.\r\n"],
  ["two lone dots in succession", "\r\n.\r\n.\r\n", "\r\n..\r\n..\r\n.\r\n"],
  ["a first line that is a dot", ".\r\n+OK 60 octets\r\n", "..\r\n+OK 60 octets\r\n.\r\n"],
  ["an empty message", "", ".\r\n"],
  ["no final line end", "A: b\r\n\r\nc", "A: b\r\n\r\nc\r\n.\r\n"],
  ["a final bare CR", "A: b\r\n\r\nc\r", "A: b\r\n\r\nc\r\r\n.\r\n"],
  ["a dot after a bare LF, which ends no line", "\r\nx\n.\r\ny\r\n", "\r\nx\n.\r\ny\r\n.\r\n"],
])("byte-stuffs %s", async (_name, message, wire) => {
  await using server = await startPop3Server();
  server.maildrop.deliver(mail(message));
  await using client = await RawClient.open(server.port);
  await client.logIn();
  client.send("RETR 1\r\nQUIT\r\n");
  expect(await client.rest()).toBe(`+OK ${message.length} octets\r\n${wire}+OK Logging out.\r\n`);
});

test("leaves the first line alone as Dovecot and Courier do", async () => {
  await using server = await startPop3Server({ maildrop: { byteStuffing: "not the first line" } });
  server.maildrop.deliver(mail(".\r\n+OK forged\r\n.dot\r\n"));
  await using client = await RawClient.open(server.port);
  await client.logIn();
  client.send("RETR 1\r\nQUIT\r\n");
  expect(await client.rest()).toBe("+OK 21 octets\r\n.\r\n+OK forged\r\n..dot\r\n.\r\n+OK Logging out.\r\n");
});

test("answers a thousand pipelined commands in order, sent in one packet with the login", async () => {
  await using server = await startPop3Server();
  for (let index = 0; index < 500; index += 1) server.maildrop.deliver(mail(`${index}\r\n`));
  await using client = await RawClient.open(server.port);
  const commands = Array.from({ length: 500 }, (_, index) => `RETR ${index + 1}\r\nNOOP\r\n`);
  client.send(`USER alice\r\nPASS secret\r\n${commands.join("")}QUIT\r\n`);
  const replies = Array.from({ length: 500 }, (_, index) => {
    const text = `${index}\r\n`;
    return `+OK ${text.length} octets\r\n${text}.\r\n+OK\r\n`;
  });
  expect(await client.rest()).toBe(
    `+OK Scripted POP3 server ready.\r\n+OK\r\n+OK Logged in.\r\n${replies.join("")}+OK Logging out.\r\n`,
  );
  expect(server.sessions[0]?.retrieved).toHaveLength(500);
  expect(server.sessions[0]?.deepestPipeline).toBeGreaterThan(900);
});

test("serves a message of 24 MiB and a listing of 100,000 messages", async () => {
  await using server = await startPop3Server();
  const line = `${"0123456789abcdef".repeat(4)}\r\n`;
  const large = Buffer.from(`A: b\r\n\r\n${line.repeat(Math.ceil((24 * 1024 * 1024) / line.length))}`);
  server.maildrop.deliver(large);
  for (let index = 1; index < 100_000; index += 1) server.maildrop.deliver(mail("x\r\n"));
  await using client = await RawClient.open(server.port);
  await client.logIn();
  const { body } = await client.multiLine("UIDL");
  expect(body.toString().split("\r\n")).toHaveLength(100_001);
  const retrieved = await client.multiLine("RETR 1");
  expect(retrieved.body.equals(large)).toBe(true);
});

test("brings every octet over a trickle of three octets at a time", async () => {
  await using server = await startPop3Server({ trickle: 3 });
  const message = mail(Array.from({ length: 512 }, (_, octet) => String.fromCharCode(octet & 255)).join(""));
  server.maildrop.deliver(message);
  await using client = await RawClient.open(server.port);
  await client.logIn();
  const { body } = await client.multiLine("RETR 1");
  expect(unstuff(body)).toEqual(Buffer.concat([message, Buffer.from("\r\n")]));
});

test("keeps mail that was retrieved in a session without QUIT, and hides it after QUIT when told so", async () => {
  await using server = await startPop3Server({ maildrop: { hidesRetrieved: true } });
  server.maildrop.deliver(mail("a\r\n"));
  server.maildrop.deliver(mail("b\r\n"));
  for (const end of ["", "QUIT"]) {
    await using client = await RawClient.open(server.port);
    await client.logIn();
    expect(await client.command("STAT")).toBe("+OK 2 6\r\n");
    await client.multiLine("RETR 1");
    if (end !== "") await client.command(end);
  }
  await using client = await RawClient.open(server.port);
  await client.logIn();
  expect(await client.command("STAT")).toBe("+OK 1 3\r\n");
});
