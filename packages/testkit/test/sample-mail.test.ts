import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { sampleMail, simpleMail, specialMail } from "../src/index.ts";

const digest = (messages: readonly Uint8Array[]): string => {
  const hash = createHash("sha256");
  for (const message of messages) hash.update(`${message.length}\n`).update(message);
  return hash.digest("hex");
};
const text = (message: Uint8Array): string => Buffer.from(message).toString("latin1");

test("is the same for the same seed, and other mail for another", () => {
  const options = { largeAttachment: 100_000 };
  expect(digest(sampleMail(200, 1, options))).toBe(digest(sampleMail(200, 1, options)));
  expect(digest(sampleMail(200, 2, options))).not.toBe(digest(sampleMail(200, 1, options)));
});

test("has as many messages as asked for, and among 200 all the hostile ones", () => {
  expect(sampleMail(3, 1, { largeAttachment: 0 })).toHaveLength(3);
  const messages = sampleMail(200, 1);
  expect(messages).toHaveLength(200);
  const digests = new Set(messages.map((message) => digest([message])));
  for (const make of Object.values(specialMail)) expect(digests).toContain(digest([make()]));
  expect(digests.size).toBe(199); // one message is there twice
  expect(Math.max(...messages.map((message) => message.length))).toBeGreaterThan(27 * 1024 * 1024);
});

test("is mostly of 4 KB, mostly strong, and has no message that begins with a dot", () => {
  const messages = sampleMail(2000, 7, { largeAttachment: 0 });
  const sizes = messages.map((message) => message.length).sort((a, b) => a - b);
  expect(sizes[1000]).toBeGreaterThan(3000);
  expect(sizes[1000]).toBeLessThan(6000);
  const strong = messages.filter((message) => /^Received:/im.test(text(message).split("\r\n\r\n")[0] ?? ""));
  expect(strong.length).toBeGreaterThan(1600);
  expect(strong.length).toBeLessThan(1950);
  expect(messages.filter((message) => message[0] === 0x2e)).toEqual([]);
});

test("writes a simple mail with CR LF, encoded words of at most 75 characters and all its parts", () => {
  const mail = simpleMail({
    from: "Jürgen <j@example.de>",
    to: "alice@example.org",
    subject: `Über ${"lange Straßen ".repeat(10)}`,
    date: new Date("2025-03-03T08:00:00Z"),
    body: "one\ntwo",
    html: "<p>one</p>",
    attachments: [{ name: "a.bin", bytes: new Uint8Array(100) }],
  });
  expect(text(mail)).not.toMatch(/[^\r]\n/);
  expect(text(mail)).toContain("Date: Mon, 03 Mar 2025 08:00:00 +0000\r\n");
  for (const word of text(mail).match(/=\?[^ \r]*\?=/g) ?? []) expect(word.length).toBeLessThanOrEqual(75);
  expect(text(mail)).toContain("\r\n\r\none\r\ntwo\r\n\r\n--alt-");
  expect(text(mail).endsWith("--\r\n")).toBe(true);
});
