import { Buffer } from "node:buffer";
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Dovecot, sampleMail, startDovecot } from "../src/index.ts";
import { RawClient, unstuff } from "./raw-client.ts";

let dovecot: Dovecot;
beforeAll(async () => {
  dovecot = await startDovecot();
});
afterAll(() => dovecot.stop());

test("lists messages in the order of their delivery", async () => {
  dovecot.addUser("bob", "bob's password");
  const messages = Array.from({ length: 25 }, (_, index) => Buffer.from(`Subject: ${index}\r\n\r\nx\r\n`));
  await dovecot.deliver("bob", messages.slice(0, 12));
  await dovecot.deliver("bob", messages.slice(12));
  await using client = await RawClient.open(dovecot.pop3Port);
  await client.logIn("bob", "bob's password");
  for (const [index, message] of messages.entries()) {
    expect((await client.multiLine(`RETR ${index + 1}`)).body).toEqual(message);
  }
  expect(await client.command("QUIT")).toMatch(/^\+OK/);
  expect(dovecot.messagesOnDisk("bob")).toEqual(messages);
});

test("speaks TLS at once and after STLS, with a certificate that its CA vouches for", async () => {
  const ca = readFileSync(dovecot.caFile, "utf8");
  await using secure = await RawClient.openTls(dovecot.pop3sPort, ca);
  await secure.logIn();
  await using client = await RawClient.open(dovecot.pop3Port);
  await client.line();
  expect(await client.command("STLS")).toMatch(/^\+OK/);
  await client.startTls(ca);
  expect(await client.command("USER alice")).toMatch(/^\+OK/);
  expect(await client.command("PASS secret")).toMatch(/^\+OK/);
});

test("refuses a wrong password without making anybody wait", async () => {
  const started = Date.now();
  await using client = await RawClient.open(dovecot.pop3Port);
  await client.line();
  await client.command("USER alice");
  expect(await client.command("PASS wrong")).toMatch(/^-ERR \[AUTH\]/);
  await using again = await RawClient.open(dovecot.pop3Port);
  await again.logIn();
  expect(Date.now() - started).toBeLessThan(2500);
});

test("comes back on the same ports with the same mail", async () => {
  dovecot.addUser("carol");
  await dovecot.deliver("carol", [Buffer.from("Subject: kept\r\n\r\n")]);
  await dovecot.restart();
  await using client = await RawClient.open(dovecot.pop3Port);
  await client.logIn("carol");
  expect(await client.command("STAT")).toMatch(/^\+OK 1 /);
});

test("serves sample mail octet by octet, but for bare LF, which becomes CR LF, and a final line end where there is none", async () => {
  dovecot.addUser("dora");
  const messages = sampleMail(120, 3, { largeAttachment: 3_000_000 });
  await dovecot.deliver("dora", messages);
  await using client = await RawClient.open(dovecot.pop3Port);
  await client.logIn("dora");
  const differing: string[] = [];
  for (const [index, message] of messages.entries()) {
    const { body } = await client.multiLine(`RETR ${index + 1}`);
    const stored = Buffer.from(message)
      .toString("latin1")
      .replace(/(?<!\r)\n/g, "\r\n");
    const ended = stored.endsWith("\r\n") ? stored : `${stored}\r\n`;
    if (unstuff(body).toString("latin1") !== ended) differing.push(stored.slice(0, 400));
  }
  expect(differing).toEqual([]);
});
