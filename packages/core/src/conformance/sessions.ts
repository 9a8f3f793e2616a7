import assert from "node:assert/strict";
import { MAX_HEADER_OCTETS } from "../message/digest.ts";
import { latin1 } from "../message/octets.ts";
import type { DropListing, MaildropSession, RetrRequest } from "../ports/maildrop-session.ts";
import type { ConformanceCase } from "./case.ts";
import { noise, octets } from "./sample.ts";

/** A message that the server of a session case must hold. */
export interface SessionMail {
  readonly octets: Uint8Array;
  readonly uniqueId: Uint8Array;
}

/** Gives a case the session that is tested. */
export interface SessionContext {
  /** Makes a session after login, with a server that knows UIDL and TOP, on a maildrop with exactly these messages. */
  open(mails: readonly SessionMail[]): Promise<MaildropSession>;
}

const header = "Subject: one\r\nFrom: ann@example.org\r\n\r\n";

/** What every {@link MaildropSession} must do. */
export const sessionConformance: readonly ConformanceCase<SessionContext>[] = [
  {
    name: "the listings hold every message, one a line, without the terminator",
    async run({ open }) {
      const session = await open(mails("one", "two two"));
      const { stat, uidl, list } = await listed(session);
      assert.deepEqual(stat, { count: 2, octets: 2 * header.length + 14 });
      assert.equal(uidl, "1 uid-1\r\n2 uid-2\r\n");
      assert.equal(list, `1 ${header.length + 5}\r\n2 ${header.length + 9}\r\n`);
      await session.quit();
    },
  },
  {
    name: "an empty maildrop has empty listings",
    async run({ open }) {
      const session = await open([]);
      const { stat, uidl, list } = await listed(session);
      assert.deepEqual([stat?.count, uidl?.length, list.length], [0, 0, 0]);
      session.close();
    },
  },
  {
    name: "unique-ids are handed on octet by octet",
    async run({ open }) {
      const ids = ["with space", "UPPER", "upper", "\xe9\xff", "x".repeat(300), "a@b"];
      const session = await open(
        ids.map((id, n) => ({ octets: octets(`${header}${n}\r\n`), uniqueId: octets(id) })),
      );
      const { uidl } = await listed(session);
      assert.equal(uidl, ids.map((id, n) => `${n + 1} ${id}\r\n`).join(""));
      assert.equal(latin1((await session.uidlOne(1)) ?? new Uint8Array(0)), "with space");
      session.close();
    },
  },
  {
    name: "headers come in the order asked for, and end with the empty line",
    async run({ open }) {
      const session = await open(mails("one", "two", "three"));
      const replies = [];
      for await (const block of session.topMany([3, 1], { pipelining: true })) replies.push(...block);
      assert.deepEqual(
        replies.map((reply) => [
          reply.messageNumber,
          reply.kind === "header" ? latin1(reply.header) : reply.refusal,
        ]),
        [
          [3, header],
          [1, header],
        ],
      );
      session.close();
    },
  },
  {
    name: "of a header that is longer than anybody looks at the beginning comes, and those after it",
    async run({ open }) {
      const long = `Subject: long\r\nX: ${" x\r\n".repeat(MAX_HEADER_OCTETS / 3)}\r\nText.\r\n`;
      const uniqueId = (n: number) => octets(`uid-${n}`);
      const session = await open(
        [long, `${header}Text.\r\n`].map((text, n) => ({ octets: octets(text), uniqueId: uniqueId(n) })),
      );
      const headers: string[] = [];
      for await (const block of session.topMany([1, 2], { pipelining: true }))
        for (const reply of block)
          headers.push(reply.kind === "header" ? latin1(reply.header) : reply.refusal.text);
      assert.equal(headers[0]?.slice(0, MAX_HEADER_OCTETS), long.slice(0, MAX_HEADER_OCTETS));
      assert.equal(headers[1], header);
      await session.noop();
      session.close();
    },
  },
  {
    name: "messages come octet by octet, pipelined and one at a time",
    async run({ open }) {
      const contents = [
        octets(`${header}.\r\n..\r\n.dot at the start\r\n`),
        octets(`${header}\0\xff\x80 8-bit\r\n`),
        octets(header),
        Buffer.concat([
          octets(header),
          Buffer.from(Buffer.from(noise(1_600_000)).toString("hex")),
          octets("\r\n"),
        ]),
        octets(`${header}last\r\n`),
      ];
      for (const pipelining of [true, false]) {
        const session = await open(contents.map((one, n) => ({ octets: one, uniqueId: octets(`uid-${n}`) })));
        const requests = contents.map((one, n) => ({ messageNumber: n + 1, listedOctets: one.length }));
        const replies = await retrieved(session, requests, pipelining);
        assert.deepEqual(
          replies.map(({ messageNumber }) => messageNumber),
          requests.map(({ messageNumber }) => messageNumber),
        );
        for (const [at, { octets: came }] of replies.entries())
          assert.ok(Buffer.from(came ?? "").equals(contents[at] ?? octets("")), `message ${at + 1}`);
        await session.noop();
        await session.quit();
      }
    },
  },
  {
    name: "a refused message is data, and the session goes on",
    async run({ open }) {
      const session = await open(mails("one", "two"));
      const requests = [1, 99, 2].map((messageNumber) => ({ messageNumber, listedOctets: null }));
      const kinds = (await retrieved(session, requests, true)).map(
        ({ messageNumber, octets: came }) => `${messageNumber} ${came === null ? "refused" : "message"}`,
      );
      assert.deepEqual(kinds, ["1 message", "99 refused", "2 message"]);
      await session.quit();
    },
  },
  {
    name: "a stream that is left unread is thrown away, and the next message is whole",
    async run({ open }) {
      const large = "x".repeat(98).concat("\r\n").repeat(20_000);
      const session = await open(mails(large, "two"));
      const requests = [
        { messageNumber: 1, listedOctets: header.length + large.length + 2 },
        { messageNumber: 2, listedOctets: null },
      ];
      const last: string[] = [];
      for await (const part of session.retrMany(requests, { pipelining: true }))
        if (part.kind === "block")
          for (const reply of part.replies) if (reply.kind === "message") last.push(latin1(reply.octets));
      assert.equal(last.at(-1), `${header}two\r\n`);
      await session.quit();
    },
  },
  {
    name: "a closed session answers nothing any more",
    async run({ open }) {
      const session = await open(mails("one"));
      session.close();
      session.close();
      await assert.rejects(session.noop());
      await assert.rejects(listed(session));
    },
  },
];

/** What RETR gives for these requests; `octets` is null for a refusal. A block must follow each stream. */
async function retrieved(
  session: MaildropSession,
  requests: readonly RetrRequest[],
  pipelining: boolean,
): Promise<readonly { readonly messageNumber: number; readonly octets: Uint8Array | null }[]> {
  const replies: { messageNumber: number; octets: Uint8Array | null }[] = [];
  let confirmed = true;
  for await (const part of session.retrMany(requests, { pipelining })) {
    assert.notEqual(part.kind, "suspect");
    if (part.kind === "stream") {
      const chunks: Uint8Array[] = [];
      for await (const chunk of part.content) chunks.push(Uint8Array.from(chunk));
      replies.push({ messageNumber: part.messageNumber, octets: Buffer.concat(chunks) });
    }
    if (part.kind === "block")
      for (const reply of part.replies)
        replies.push({
          messageNumber: reply.messageNumber,
          octets: reply.kind === "message" ? Uint8Array.from(reply.octets) : null,
        });
    confirmed = part.kind === "block";
  }
  assert.ok(confirmed, "the last part is a block");
  return replies;
}

/** Reads the listings of a session: the answer to STAT, the lines of UIDL (null if it is refused) and of LIST. */
async function listed(session: MaildropSession) {
  let stat: DropListing | null = null;
  let uidl: string | null = "";
  let list = "";
  for await (const part of session.listings()) {
    if (part.kind === "stat") stat = { count: part.count, octets: part.octets };
    else if (part.kind === "no-uidl") uidl = null;
    else if (part.kind === "uidl") uidl += latin1(part.octets);
    else list += latin1(part.octets);
  }
  return { stat, uidl, list };
}

function mails(...bodies: readonly string[]): readonly SessionMail[] {
  return bodies.map((body, n) => ({
    octets: octets(`${header}${body}\r\n`),
    uniqueId: octets(`uid-${n + 1}`),
  }));
}
