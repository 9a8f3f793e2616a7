import { createHash, randomBytes } from "node:crypto";
import { join } from "node:path";
import type { MessageStore, Outcome } from "@mailonce/core";
import { InMemorySpool } from "@mailonce/core/memory";
import {
  forgedReplyMail,
  type Pop3Server,
  type Pop3ServerOptions,
  sampleMail,
  simpleMail,
  startPop3Server,
  temporaryFolder,
  uniqueIds,
} from "@mailonce/testkit";
import { sharedMariaDb } from "@mailonce/testkit/vitest";
import { openStore, type TypeormStore } from "@mailonce/typeorm";
import { afterAll, afterEach, describe, expect, test } from "vitest";
import { accountOf, parseAccountUrl } from "../../src/account/account-url.ts";
import type { AccountReport } from "../../src/run/account-run.ts";
import { fetchAccount } from "../../src/run/fetch-account.ts";

// What fetchmail, mpop and getmail6 get wrong in one way or another (T1, a killed process, is in apps/cli/test/crash).
const folder = temporaryFolder();
afterAll(() => folder.remove());

describe.each([
  ["SQLite", async () => `sqlite:${join(folder.path, randomBytes(6).toString("hex"))}`],
  ["MariaDB", async () => (await sharedMariaDb().createDatabase()).mariadbUrl],
] as const)("what the peers get wrong, on %s", (_name, freshUrl) => {
  const open: (Pop3Server | TypeormStore)[] = [];
  afterEach(async () => {
    for (const one of open.splice(0)) await one[Symbol.asyncDispose]();
  });

  async function setUp(mails: readonly Uint8Array[], options: Pop3ServerOptions = {}) {
    const server = await startPop3Server(options);
    const store = await openStore({ url: await freshUrl() });
    open.push(store, server);
    server.maildrop.deliverAll(mails);
    return { server, store };
  }

  test("T2: one poll lists an empty maildrop, then it is back: nothing comes again", async () => {
    const { server, store } = await setUp(mails(5));
    await fetch(server, store);
    server.maildrop.behaviour.nextListing = "empty";
    const empty = await fetch(server, store);
    expect(empty.report.warnings.map(({ code }) => code)).toContain("suspicious-listing");
    expect(empty.report.ending).toBe("done");
    await expectQuiet(server, store, 5);
  });

  test("T3: one poll lists only the newest half, then all: nothing comes again", async () => {
    const { server, store } = await setUp(mails(10));
    await fetch(server, store);
    server.maildrop.behaviour.nextListing = "newest half";
    await expectQuiet(server, store, 5);
    await expectQuiet(server, store, 10);
    expect(await stored(store)).toEqual(served(server));
  });

  test("T4: the server renumbers every unique-id: headers only, nothing is stored again", async () => {
    const { server, store } = await setUp(mails(10));
    await fetch(server, store);
    server.maildrop.renumber();
    const before = server.count("RETR");
    expect((await fetch(server, store)).report.counts).toMatchObject({ stored: 0, rebound: 10 });
    expect(server.count("RETR")).toBe(before);
    expect(await stored(store)).toEqual(served(server));
  });

  test("T5: one unique-id on different messages: all are stored, and known from then on", async () => {
    const { server, store } = await setUp(mails(4), { maildrop: { uniqueIdOf: uniqueIds.shared } });
    const { report } = await fetch(server, store);
    expect(report.counts.stored).toBe(4);
    expect(report.warnings.map(({ code }) => code)).toEqual(["unique-ids-shared"]);
    await expectQuiet(server, store, 4);
  });

  test.each([
    ["T6: unique-ids that differ in case only", uniqueIds.caseOnly],
    ["T7: unique-ids with a space", uniqueIds.withSpace],
    ["T8: unique-ids of 151 octets with a common prefix", uniqueIds.long],
    ["unique-ids of 300 octets", uniqueIds.veryLong],
    ["unique-ids with octets above 127", uniqueIds.nonAscii],
  ])("%s are told apart", async (_title, uniqueIdOf) => {
    const { server, store } = await setUp(mails(12), { maildrop: { uniqueIdOf } });
    expect((await fetch(server, store)).report.counts.stored).toBe(12);
    await expectQuiet(server, store, 12);
    expect(await stored(store)).toEqual(served(server));
  });

  test("T9: no UIDL at all, two polls: all stored once", async () => {
    const { server, store } = await setUp(mails(5), { maildrop: { without: ["UIDL"] } });
    expect((await fetch(server, store)).report.counts.stored).toBe(5);
    await expectQuiet(server, store, 5);
  });

  test("T10: a message vanishes before its RETR: the others are stored, and the exit code says so", async () => {
    const { server, store } = await setUp(mails(5));
    server.maildrop.behaviour.refuse = (verb, messageNumber) =>
      verb === "RETR" && messageNumber === 3 ? "-ERR no such message" : undefined;
    const { report, outcomes } = await fetch(server, store);
    expect(report).toMatchObject({ ending: "partial", error: null, counts: { stored: 4, deferred: 1 } });
    expect(outcomes.filter(({ kind }) => kind === "deferred")).toMatchObject([{ messageNumber: 3 }]);
  });

  test("T11: 8-bit, NUL, bare LF and CR, a 100,000-octet line: octet by octet", async () => {
    const { server, store } = await setUp(sampleMail(60, 7, { largeAttachment: 100_000 }), {
      maildrop: { uniqueIdOf: (_message, number) => `id-${number}` },
    });
    const { report } = await fetch(server, store);
    expect(report).toMatchObject({ ending: "done", counts: { stored: 60 } });
    expect(await stored(store)).toEqual(served(server));
  });

  test("T13: [IN-USE] is try again later, [AUTH] is stop and tell, and neither is repeated", async () => {
    const { server, store } = await setUp(mails(1), {
      maildrop: { refusals: { STAT: "-ERR [SYS/TEMP] later" } },
    });
    expect((await fetch(server, store)).report.ending).toBe("busy");
    server.maildrop.behaviour.refusals = {};
    const wrong = await fetch(server, store, "wrong");
    expect(wrong.report).toMatchObject({ ending: "denied", counts: { stored: 0 } });
    server.maildrop.behaviour.exclusive = true;
    server.faults = [{ at: { verb: "PASS" }, do: "reply", text: "-ERR [IN-USE] maildrop locked" }];
    const inUse = await fetch(server, store);
    expect(inUse.report).toMatchObject({ ending: "busy", error: { code: "in-use" } });
    expect(server.sessions).toHaveLength(3);
  });

  test("T14: a line of UIDL without unique-id: all three are stored, once", async () => {
    const { server, store } = await setUp(mails(3), {
      maildrop: { listingLine: (verb, line, number) => (verb === "UIDL" && number === 2 ? "2" : line) },
    });
    expect((await fetch(server, store)).report.counts.stored).toBe(3);
    await expectQuiet(server, store, 3);
  });

  test("T15: the connection is closed in the middle of a RETR: nothing partial, and an end", async () => {
    const { server, store } = await setUp(mails(5));
    server.faults = [{ at: { verb: "RETR", messageNumber: 3, afterOctets: 150, times: 100 }, do: "close" }];
    const broken = await fetch(server, store);
    expect(broken.report.counts.stored).toBe(4);
    expect(server.sessions.length).toBeLessThanOrEqual(5);
    const cut = hash(server.maildrop.messages[2]?.bytes ?? new Uint8Array(0));
    expect(await stored(store)).toEqual(served(server).filter((one) => one !== cut));
    const before = server.count("RETR");
    // The next fetch tries it once; from then on it has to wait its turn.
    for (const attempts of [1, 1]) {
      const later = await fetch(server, store);
      expect(later.report).toMatchObject({
        ending: "partial",
        error: null,
        counts: { known: 4, deferred: 1 },
      });
      expect(server.count("RETR")).toBe(before + attempts);
    }
  });

  test("T16: a message that forges the end of its own reply: no neighbour is forged or lost", async () => {
    const neighbours = mails(6);
    const { server, store } = await setUp(
      [...neighbours.slice(0, 3), forgedReplyMail(), ...neighbours.slice(3)],
      {
        maildrop: { byteStuffing: "not the first line" },
      },
    );
    for (let runs = 0; runs < 3; runs++) await fetch(server, store);
    const texts = await stored(store);
    for (const one of neighbours) expect(texts).toContain(hash(one));
    expect(texts.filter((text) => !served(server).includes(text))).toEqual([]);
    expect(new Set(texts).size).toBe(texts.length);
  });
});

function mails(count: number): readonly Uint8Array[] {
  return Array.from({ length: count }, (_, n) =>
    simpleMail({
      from: "Ann <ann@example.org>",
      to: "Ben <ben@example.org>",
      subject: `number ${n}`,
      date: new Date(Date.UTC(2026, 10, 2, 10, n)),
      body: `This is message ${n}.`,
    }),
  );
}

async function fetch(
  { user, port }: Pop3Server,
  store: MessageStore,
  password = "secret",
): Promise<{ readonly report: AccountReport; readonly outcomes: readonly Outcome[] }> {
  const account = accountOf(parseAccountUrl(`pop3://${user}@127.0.0.1:${port}?tls=none`));
  const restart = { restarts: 4, pause: async () => {} };
  const run = fetchAccount({
    account,
    credentials: { user, password },
    store,
    spool: new InMemorySpool(),
    restart,
  });
  const outcomes: Outcome[] = [];
  for await (const outcome of run) outcomes.push(outcome);
  return { report: run.report, outcomes };
}

/** One more fetch stores nothing, retrieves nothing, and knows this many. */
async function expectQuiet(server: Pop3Server, store: MessageStore, known: number): Promise<void> {
  const before = server.count("RETR");
  const { report } = await fetch(server, store);
  expect(report).toMatchObject({ ending: "done", counts: { stored: 0, known } });
  expect(server.count("RETR")).toBe(before);
}

/** What the server holds, by SHA-256, in order. Messages without a final line end get one on the wire. */
function served({ maildrop }: Pop3Server): readonly string[] {
  return maildrop.messages
    .map(({ bytes }) => {
      const text = Buffer.from(bytes);
      const ended = text.length === 0 || text.subarray(-2).equals(Buffer.from("\r\n"));
      return hash(ended ? text : Buffer.concat([text, Buffer.from("\r\n")]));
    })
    .toSorted(byText);
}

async function stored(store: MessageStore): Promise<readonly string[]> {
  const hashes: string[] = [];
  for await (const { id, sha256 } of store.messages()) {
    const chunks: Uint8Array[] = [];
    for await (const chunk of store.content(id)) chunks.push(chunk);
    const content = hash(Buffer.concat(chunks));
    expect(content).toBe(Buffer.from(sha256).toString("hex"));
    hashes.push(content);
  }
  return hashes.toSorted(byText);
}

function hash(octets: Uint8Array): string {
  return createHash("sha256").update(octets).digest("hex");
}

function byText(a: string, b: string): number {
  return a < b ? -1 : 1;
}
