import { InMemorySpool, InMemoryStore } from "@mailonce/core/memory";
import { type Fault, type Pop3Server, startPop3Server } from "@mailonce/testkit";
import fc from "fast-check";
import { expect, it } from "vitest";
import { accountOf, parseAccountUrl } from "../../src/account/account-url.ts";
import type { AccountReport, AccountRun } from "../../src/run/account-run.ts";
import {
  baselineAccount,
  checkAccount,
  type FetchAccountOptions,
  fetchAccount,
} from "../../src/run/fetch-account.ts";

function optionsFor(server: Pop3Server, store: InMemoryStore): FetchAccountOptions {
  const account = accountOf(parseAccountUrl(`pop3://alice@127.0.0.1:${server.port}?tls=none`));
  const restart = { restarts: 3, pause: async (): Promise<void> => {} };
  const credentials = { user: "alice", password: "secret" };
  return { account, credentials, store, spool: new InMemorySpool(), restart };
}

async function ended(run: AccountRun): Promise<AccountReport> {
  for await (const _outcome of run);
  return run.report;
}

function counted({ counts, left, baselined = 0 }: AccountReport): number {
  const all = [...Object.values(counts), left, baselined];
  expect(Math.min(...all)).toBeGreaterThanOrEqual(0);
  return all.reduce((sum, count) => sum + count, 0);
}

const mail = (n: number): Uint8Array =>
  Buffer.from(`Received: here\r\nSubject: number ${n}\r\n\r\nThis is message ${n}.\r\n`);

it("counts every listed message where one breaks each session that it is retrieved in", async () => {
  await using server = await startPop3Server();
  for (let n = 1; n <= 142; n++) server.maildrop.deliver(mail(n));
  server.faults = [{ at: { verb: "RETR", messageNumber: 51, afterOctets: 20 }, do: "close" }];
  const options = optionsFor(server, new InMemoryStore());
  // However often another session is started: also where the last of them broke.
  for (let restarts = 0; restarts <= 4; restarts++) {
    const store = new InMemoryStore();
    const report = await ended(
      fetchAccount({ ...options, store, restart: { restarts, pause: async () => {} } }),
    );
    expect([restarts, counted(report)]).toEqual([restarts, 142]);
    const stored = report.counts.stored;
    expect(report.counts).toMatchObject(
      restarts < 2 ? { stored: restarts === 0 ? 32 : 50 } : { stored: 141, deferred: 1, new: 0 },
    );
    expect(await storedIn(store)).toBe(stored);
  }
});

it("counts messages that are known only by their class once, though a session broke before it looked", async () => {
  await using server = await startPop3Server({ maildrop: { without: ["UIDL"] } });
  for (let n = 1; n <= 20; n++) server.maildrop.deliver(mail(n));
  server.faults = [
    { at: { verb: "RETR", messageNumber: 12, connection: 1 }, do: "close" },
    { at: { verb: "TOP", messageNumber: 3, connection: 2 }, do: "close" },
    { at: { verb: "PASS", connection: 3 }, do: "reply", text: "-ERR [AUTH] no" },
  ];
  const report = await ended(fetchAccount(optionsFor(server, new InMemoryStore())));
  expect(report.error).not.toBeNull();
  expect(counted(report)).toBe(20);
});

async function storedIn(store: InMemoryStore): Promise<number> {
  let count = 0;
  for await (const _message of store.messages()) count++;
  return count;
}

const COUNT = 12;

/** A fault in one command or in all of a kind, once or each time. */
const faults: fc.Arbitrary<Fault> = fc
  .record({
    verb: fc.constantFrom("RETR", "RETR", "RETR", "TOP", "UIDL", "LIST", "PASS", "QUIT"),
    messageNumber: fc.integer({ min: 1, max: COUNT }),
    times: fc.constantFrom(1, 2, 99),
    afterOctets: fc.constantFrom(0, 1, 40),
    // The first connection fetched what was there before.
    connection: fc.constantFrom(undefined, undefined, 2, 3, 4, 5),
    how: fc.constantFrom("close", "close", "reset", "refuse"),
  })
  .map(({ verb, messageNumber, times, afterOctets, connection, how }) => {
    const ofMessage = verb === "RETR" || verb === "TOP";
    const at = {
      verb,
      times,
      ...(ofMessage ? { messageNumber } : {}),
      ...(connection === undefined ? {} : { connection }),
    };
    if (how === "refuse") return { at, do: "reply", text: "-ERR not now" };
    return how === "reset" ? { at, do: "reset" } : { at: { ...at, afterOctets }, do: "close" };
  });

const scripts = fc.record({
  faults: fc.array(faults, { minLength: 1, maxLength: 5 }),
  uidl: fc.boolean(),
  limit: fc.constantFrom(undefined, undefined, 5),
  maxOctets: fc.constantFrom(undefined, undefined, 75),
  fetchedBefore: fc.integer({ min: 0, max: COUNT }),
  what: fc.constantFrom("fetch", "fetch", "fetch", "check", "baseline"),
});

it("counts every listed message once, whatever a server does", { timeout: 120_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(scripts, async ({ faults, uidl, limit, maxOctets, fetchedBefore, what }) => {
      await using server = await startPop3Server(uidl ? {} : { maildrop: { without: ["UIDL"] } });
      const store = new InMemoryStore();
      const options = optionsFor(server, store);
      for (let n = 1; n <= fetchedBefore; n++) server.maildrop.deliver(mail(n));
      await ended(fetchAccount(options));
      for (let n = fetchedBefore + 1; n <= COUNT; n++) server.maildrop.deliver(mail(n));
      server.faults = faults;
      const before = await storedIn(store);
      const sessions = server.sessions.length;
      const limits = { ...(limit ? { limit } : {}), ...(maxOctets ? { maxOctets } : {}) };
      const { account, credentials } = options;
      const report = await ended(
        what === "fetch"
          ? fetchAccount({ ...options, ...limits })
          : what === "check"
            ? checkAccount({ account, credentials, store, ...limits })
            : baselineAccount(options),
      );
      const isListed = server.sessions.slice(sessions).some(({ commands }) => commands.length > 4);
      const total = counted(report);
      // Of a fetch that never got a listing there is nothing to count.
      if (total > 0 || (report.error === null && isListed)) expect(total).toBe(COUNT);
      expect(report.counts.stored).toBe((await storedIn(store)) - before);
    }),
    { numRuns: 150, seed: 7 },
  );
});
