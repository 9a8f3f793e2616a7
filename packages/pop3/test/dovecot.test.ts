import { readFileSync } from "node:fs";
import { type Dovecot, forgedReplyMail, sampleMail, startDovecot } from "@mailonce/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { connect, type Pop3Client, type Pop3Options } from "../src/index.ts";
import { all, allListings, errorOf, textOf } from "./client.ts";

const mails = sampleMail(300, 1, { largeAttachment: 2 * 1024 * 1024 });
let dovecot: Dovecot;

beforeAll(async () => {
  dovecot = await startDovecot({ users: ["alice", "forger"] });
  await dovecot.deliver("alice", mails);
});
afterAll(() => dovecot?.stop());

const to = (security: Pop3Options["security"]): Pop3Options => ({
  host: "127.0.0.1",
  security,
  port: security === "tls" ? dovecot.pop3sPort : dovecot.pop3Port,
  tls: { ca: readFileSync(dovecot.caFile, "utf8") },
});

async function loggedIn(security: Pop3Options["security"] = "plain", user = "alice"): Promise<Pop3Client> {
  const client = await connect(to(security));
  await client.login({ user, password: "secret" });
  return client;
}

/** What Dovecot makes of a file: every line end is CRLF, the last one is added, even to an empty file. */
function served(mail: Uint8Array): string {
  const text = Buffer.from(mail).toString("latin1").replace(/\r?\n/g, "\r\n");
  return text.endsWith("\r\n") ? text : `${text}\r\n`;
}

describe("Dovecot", () => {
  test.each(["plain", "stls", "tls"] as const)(
    "gives every message octet by octet (%s)",
    async (security) => {
      await using client = await loggedIn(security);
      const { stat, uidl, list } = await allListings(client);
      expect(stat?.count).toBe(mails.length);
      expect(uidl?.split("\r\n")).toHaveLength(mails.length + 1);
      expect(list.split("\r\n")).toHaveLength(mails.length + 1);
      const listed = await all(client.list());
      const requests = listed.map(({ messageNumber, octets }) => ({ messageNumber, listedOctets: octets }));
      const differing: number[] = [];
      for await (const reply of client.retrMany(requests)) {
        if (reply.kind !== "message") throw reply.error;
        const text = await textOf(reply.content);
        if (reply.content.suspect || text !== served(mails[reply.messageNumber - 1] ?? new Uint8Array())) {
          differing.push(reply.messageNumber);
        }
      }
      expect(differing).toEqual([]);
      await client.quit();
    },
  );

  test.each(["plain", "tls"] as const)(
    "gives every message in blocks that its LIST confirms, octet by octet (%s)",
    async (security) => {
      await using client = await loggedIn(security);
      const listed = await all(client.list());
      const requests = listed.map(({ messageNumber, octets }) => ({ messageNumber, listedOctets: octets }));
      const wrong = new Set(requests.map(({ messageNumber }) => messageNumber));
      let blocks = 0;
      const check = (messageNumber: number, text: string): void => {
        if (text === served(mails[messageNumber - 1] ?? new Uint8Array())) wrong.delete(messageNumber);
      };
      for await (const part of client.retrBlocks(requests)) {
        if (part.kind === "suspect") throw new Error(`message ${part.messageNumber} is suspect`);
        if (part.kind === "stream") {
          check(part.messageNumber, await textOf(part.content));
          continue;
        }
        blocks++;
        for (const reply of part.replies) {
          if (reply.kind === "refused") throw reply.error;
          check(reply.messageNumber, Buffer.from(reply.octets).toString("latin1"));
        }
      }
      expect([...wrong]).toEqual([]);
      expect(blocks).toBeGreaterThan(3);
      await client.quit();
    },
  );

  test("lists alike in one exchange, one by one, and for each message", async () => {
    await using client = await loggedIn();
    const listed = await all(client.list());
    expect(listed).toHaveLength(mails.length);
    expect(await client.listOne(7)).toEqual(listed[6]);
    const each = await all(client.listMany(listed.map(({ messageNumber }) => messageNumber)));
    expect(each.map((reply) => reply.kind === "listed" && reply.octets)).toEqual(
      listed.map(({ octets }) => octets),
    );
    const ids = await all(client.uidl());
    expect(await client.uidlOne(7)).toEqual(ids[6]);
  });

  test("gives headers that are the beginning of the messages", async () => {
    await using client = await loggedIn();
    const numbers = mails.map((_, index) => index + 1);
    const wrong: number[] = [];
    for await (const reply of client.topMany(numbers)) {
      if (reply.kind !== "header") throw reply.error;
      const message = served(mails[reply.messageNumber - 1] ?? new Uint8Array());
      if (!message.startsWith(Buffer.from(reply.header).toString("latin1"))) wrong.push(reply.messageNumber);
    }
    expect(wrong).toEqual([]);
  });

  test("refuses a wrong password with [AUTH]", async () => {
    await using client = await connect(to("tls"));
    const error = await errorOf(client.login({ user: "nobody", password: "hunter2" }));
    expect(error).toMatchObject({ code: "POP3_LOGIN_REFUSED", responseCode: "AUTH", advice: "stop" });
    expect(error.message).not.toContain("hunter2");
  });

  test("does not stuff a first line: the message that forges its neighbours is suspect", async () => {
    await dovecot.deliver("forger", [forgedReplyMail()]);
    await using client = await loggedIn("plain", "forger");
    const { octets: listedOctets } = await client.listOne(1);
    const replies = client.retrMany([{ messageNumber: 1, listedOctets }]);
    const reply = await replies.next();
    if (reply.done === true || reply.value.kind !== "message") throw new Error("no message");
    await textOf(reply.value.content);
    expect(reply.value.content.suspect).toBe(true);
  });

  test("makes a message that forges its neighbours end the blocks", async () => {
    await dovecot.deliver("forger", [forgedReplyMail()]);
    await using client = await loggedIn("plain", "forger");
    const { octets: listedOctets } = await client.listOne(1);
    const parts = await all(client.retrBlocks([{ messageNumber: 1, listedOctets }]));
    expect(parts).toMatchObject([{ kind: "suspect", messageNumber: 1, listedOctets }]);
    expect(client.usable).toBe(false);
  });
});
