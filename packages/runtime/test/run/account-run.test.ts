import type { Outcome } from "@mailonce/core";
import { InMemorySpool, InMemoryStore } from "@mailonce/core/memory";
import { forgedReplyMail, freePort, type Pop3Server, startPop3Server } from "@mailonce/testkit";
import { expect, it } from "vitest";
import { accountOf, parseAccountUrl } from "../../src/account/account-url.ts";
import { chooseDeferred, retryDeferred } from "../../src/ledger/deferred.ts";
import type { AccountReport, AccountRun } from "../../src/run/account-run.ts";
import {
  baselineAccount,
  checkAccount,
  type FetchAccountOptions,
  fetchAccount,
} from "../../src/run/fetch-account.ts";

interface Result {
  readonly outcomes: readonly Outcome[];
  readonly report: AccountReport;
}

async function all(run: AccountRun): Promise<Result> {
  const outcomes: Outcome[] = [];
  for await (const outcome of run) outcomes.push(outcome);
  return { outcomes, report: run.report };
}

const atOnce = { restarts: 3, pause: async (): Promise<void> => {} };

function login(password: string): Pick<FetchAccountOptions, "credentials"> {
  return { credentials: { user: "alice", password } };
}

function options(server: { readonly port: number }, store: InMemoryStore): FetchAccountOptions {
  const account = accountOf(parseAccountUrl(`pop3://alice@127.0.0.1:${server.port}?tls=none`));
  return { account, ...login("secret"), store, spool: new InMemorySpool(), restart: atOnce };
}

async function serverWith(count: number): Promise<Pop3Server> {
  const server = await startPop3Server();
  for (let n = 1; n <= count; n++) server.maildrop.deliver(mail(n));
  return server;
}

function mail(n: number): Uint8Array {
  return Buffer.from(`Subject: number ${n}\r\n\r\nThis is message ${n}.\r\n`);
}

/** What is stored, in the order of the texts. */
async function stored(store: InMemoryStore): Promise<string[]> {
  const texts: string[] = [];
  for await (const { id } of store.messages()) {
    const chunks: Uint8Array[] = [];
    for await (const chunk of store.content(id)) chunks.push(chunk);
    texts.push(Buffer.concat(chunks).toString("latin1"));
  }
  return texts.sort(compare);
}

const compare = (a: string, b: string): number => (a < b ? -1 : 1);

const served = (server: Pop3Server): string[] =>
  server.maildrop.messages.map(({ bytes }) => Buffer.from(bytes).toString("latin1")).sort(compare);

it("goes on in a new session where the server closed the old one in the middle of a message", async () => {
  await using server = await serverWith(5);
  server.faults = [{ at: { verb: "RETR", messageNumber: 3, afterOctets: 20, times: 1 }, do: "close" }];
  const store = new InMemoryStore();
  const { report, outcomes } = await all(fetchAccount(options(server, store)));
  expect(report).toMatchObject({
    maildrop: `alice@127.0.0.1:${server.port}`,
    counts: { stored: 5, known: 0, deferred: 0, failed: 0 },
    warnings: [{ code: "started-again" }],
    ending: "done",
    error: null,
  });
  expect(outcomes.map(({ kind }) => kind)).toEqual(Array(5).fill("stored"));
  expect(await stored(store)).toEqual(served(server));
  expect(server.sessions.map(({ quit }) => quit)).toEqual([false, true]);
});

it("counts as known only what was stored before this invocation", async () => {
  await using server = await serverWith(3);
  const store = new InMemoryStore();
  await all(fetchAccount(options(server, store)));
  for (let n = 4; n <= 8; n++) server.maildrop.deliver(mail(n));
  server.faults = [{ at: { verb: "RETR", messageNumber: 6, times: 1 }, do: "reset" }];
  const { report } = await all(fetchAccount(options(server, store)));
  expect(report.counts).toMatchObject({ stored: 5, known: 3 });
});

it("stores all others where one message breaks every session, and defers that one", async () => {
  await using server = await serverWith(5);
  server.faults = [{ at: { verb: "RETR", messageNumber: 2, afterOctets: 20 }, do: "close" }];
  const store = new InMemoryStore();
  const { report } = await all(fetchAccount(options(server, store)));
  expect(await stored(store)).toEqual(served(server).filter((text) => !text.includes("number 2")));
  expect(report.counts).toMatchObject({ stored: 4, deferred: 1 });
  expect(server.sessions.length).toBeLessThanOrEqual(1 + atOnce.restarts + 1);
});

it("does not try for ever against a server that breaks every session, and stores no part of a message", async () => {
  await using server = await serverWith(2);
  server.faults = [{ at: { verb: "RETR", afterOctets: 20 }, do: "close" }];
  const store = new InMemoryStore();
  const { report } = await all(fetchAccount(options(server, store)));
  expect(report).toMatchObject({
    counts: { stored: 0 },
    ending: "unavailable",
    error: { code: "connection-closed" },
  });
  expect(server.sessions.length).toBeLessThanOrEqual(1 + atOnce.restarts);
  expect(await stored(store)).toEqual([]);
});

it("keeps a forged reply from passing for its neighbour", async () => {
  await using server = await startPop3Server({ maildrop: { byteStuffing: "not the first line" } });
  server.maildrop.deliver(mail(1));
  server.maildrop.deliver(forgedReplyMail());
  for (let n = 3; n <= 5; n++) server.maildrop.deliver(mail(n));
  const store = new InMemoryStore();
  const { report } = await all(fetchAccount(options(server, store)));
  expect(await stored(store)).toEqual([1, 3, 4, 5].map((n) => Buffer.from(mail(n)).toString("latin1")));
  expect(report.counts).toMatchObject({ stored: 4, deferred: 1 });
  expect(report.ending).toBe("partial");
});

it("logs in once only where the password is wrong", async () => {
  await using server = await serverWith(1);
  const { report } = await all(fetchAccount({ ...options(server, new InMemoryStore()), ...login("s3cret") }));
  expect(report).toMatchObject({ ending: "denied", error: { code: "login-refused" } });
  expect(JSON.stringify(report)).not.toContain("s3cret");
  expect(server.sessions).toHaveLength(1);
});

it("sends no password where STLS was stripped", async () => {
  await using server = await startPop3Server({ security: "stls", maildrop: { without: ["STLS"] } });
  const account = accountOf(parseAccountUrl(`pop3://alice@localhost:${server.port}`));
  const { report } = await all(fetchAccount({ ...options(server, new InMemoryStore()), account }));
  expect(report).toMatchObject({ ending: "denied", error: { code: "stls-absent" } });
  expect(server.sessions.flatMap(({ commands }) => commands).join()).not.toMatch(/USER|PASS/);
});

it("fetches through STLS and through TLS, trusting the given certificate", async () => {
  for (const [security, scheme] of [
    ["stls", "pop3"],
    ["tls", "pop3s"],
  ] as const) {
    await using server = await startPop3Server({ security });
    server.maildrop.deliver(mail(1));
    const account = accountOf(parseAccountUrl(`${scheme}://alice@localhost:${server.port}`));
    const tls = { ca: server.certificate?.ca ?? "" };
    const { report } = await all(fetchAccount({ ...options(server, new InMemoryStore()), account, tls }));
    expect(report).toMatchObject({ counts: { stored: 1 }, ending: "done" });
    expect(server.sessions.every(({ tls }) => tls)).toBe(true);
  }
});

it("tries no refused port again, but waits for the lock of its own broken session", async () => {
  const port = await freePort();
  const refused = await all(fetchAccount(options({ port }, new InMemoryStore())));
  expect(refused.report).toMatchObject({
    ending: "unavailable",
    error: { code: "connection-refused" },
    warnings: [],
  });

  await using server = await serverWith(3);
  server.faults = [
    { at: { verb: "RETR", messageNumber: 2, connection: 1 }, do: "close" },
    { at: { verb: "PASS", connection: 2 }, do: "reply", text: "-ERR [IN-USE] locked" },
  ];
  const { report } = await all(fetchAccount(options(server, new InMemoryStore())));
  expect(report).toMatchObject({ counts: { stored: 3 }, ending: "done" });
  expect(server.sessions).toHaveLength(3);
});

it("gives deferred messages a session of their own after the new ones, and is content if the server wants a pause", async () => {
  await using server = await serverWith(2);
  server.maildrop.behaviour.refuse = (verb, n) => (verb === "RETR" && n === 1 ? "-ERR later" : undefined);
  const store = new InMemoryStore();
  expect((await all(fetchAccount(options(server, store)))).report).toMatchObject({
    counts: { stored: 1, deferred: 1 },
    ending: "partial",
  });
  server.maildrop.deliver(mail(3));
  server.faults = [{ at: { verb: "PASS", connection: 3 }, do: "reply", text: "-ERR [LOGIN-DELAY] wait" }];
  expect((await all(fetchAccount(options(server, store)))).report).toMatchObject({
    counts: { stored: 1, known: 1, deferred: 1 },
    warnings: [{ code: "login-delay" }],
    ending: "partial",
    error: null,
  });
  delete server.maildrop.behaviour.refuse;
  server.maildrop.deliver(mail(4));
  expect((await all(fetchAccount(options(server, store)))).report).toMatchObject({
    counts: { stored: 2, known: 2, deferred: 0 },
    ending: "done",
  });
  expect(await stored(store)).toEqual(served(server));
});

it("keeps to the limit over all sessions of an invocation", async () => {
  await using server = await serverWith(6);
  server.faults = [{ at: { verb: "RETR", messageNumber: 3, connection: 1 }, do: "close" }];
  const store = new InMemoryStore();
  const { report } = await all(fetchAccount({ ...options(server, store), limit: 4 }));
  expect(report).toMatchObject({ counts: { stored: 4 }, left: 2, ending: "done" });
});

it("ends with 130 when it is aborted, also while it waits to connect again", async () => {
  await using server = await serverWith(3);
  server.faults = [{ at: { verb: "RETR", messageNumber: 2 }, do: "close" }];
  const controller = new AbortController();
  const pause = async (): Promise<void> => {
    controller.abort();
    controller.signal.throwIfAborted();
  };
  const { signal } = controller;
  const run = fetchAccount({
    ...options(server, new InMemoryStore()),
    signal,
    restart: { restarts: 3, pause },
  });
  const { report } = await all(run);
  expect(report).toMatchObject({ ending: "interrupted", error: { code: "interrupted" } });
  expect(server.sessions).toHaveLength(1);
});

it("calls any abort an interruption, also that of a timeout", async () => {
  await using server = await serverWith(1);
  const signal = AbortSignal.abort(new DOMException("The operation timed out", "TimeoutError"));
  const { report } = await all(fetchAccount({ ...options(server, new InMemoryStore()), signal }));
  expect(report).toMatchObject({ ending: "interrupted", error: { code: "interrupted" } });
});

it("checks without retrieving, without a database, and names each new message once", async () => {
  await using server = await serverWith(3);
  const { account, credentials } = options(server, new InMemoryStore());
  const { report, outcomes } = await all(checkAccount({ account, credentials, store: null, limit: 2 }));
  expect(report).toMatchObject({ counts: { new: 2, known: 0 }, left: 1, ending: "done" });
  expect(outcomes.map((outcome) => (outcome.kind === "new" ? outcome.header?.subject : null))).toEqual([
    "number 1",
    "number 2",
  ]);
  expect(server.count("RETR")).toBe(0);
});

it("tells how far it is", async () => {
  await using server = await serverWith(3);
  const run = fetchAccount(options(server, new InMemoryStore()));
  expect(run.progress.phase).toBe("connecting");
  const octets = server.maildrop.messages.reduce((sum, { bytes }) => sum + bytes.length, 0);
  await all(run);
  expect(run.progress).toMatchObject({ messages: 3, messagesDone: 3, octetsDone: octets });
});

/** What takes the maildrop away from whoever has it. */
const thief = { token: "thief", owner: "?", ttlMs: 60_000, isDead: () => true };

it("connects nowhere where another run is at the maildrop; a check does not mind", async () => {
  await using server = await serverWith(2);
  const store = new InMemoryStore();
  await store.acquireLease(`alice@127.0.0.1:${server.port}`, thief);
  for (const run of [fetchAccount, baselineAccount]) {
    const { report } = await all(run(options(server, store)));
    expect(report).toMatchObject({ ending: "busy", error: { code: "in-use-here" }, counts: { stored: 0 } });
  }
  expect(server.sessions).toHaveLength(0);
  const { account, credentials } = options(server, store);
  expect((await all(checkAccount({ account, credentials, store }))).report).toMatchObject({
    counts: { new: 2 },
  });
});

it("gives the maildrop back however it ends: done, refused, left early", async () => {
  await using server = await serverWith(3);
  const store = new InMemoryStore();
  await all(fetchAccount({ ...options(server, store), limit: 1 }));
  await all(fetchAccount({ ...options(server, store), ...login("wrong") }));
  for await (const _outcome of fetchAccount(options(server, store))) break;
  const maildrop = `alice@127.0.0.1:${server.port}`;
  const patient = { ...thief, isDead: () => false };
  expect(await store.acquireLease(maildrop, patient)).toMatchObject({ kind: "taken" });
});

it("gives the outcomes of all its runs in blocks; leaving them early ends the session and keeps what was told", async () => {
  await using server = await serverWith(3);
  server.faults = [{ at: { verb: "RETR", messageNumber: 3, connection: 1 }, do: "close" }];
  const store = new InMemoryStore();
  const run = fetchAccount(options(server, store));
  const told: number[] = [];
  for await (const outcomes of run.blocks()) told.push(...outcomes.map(({ messageNumber }) => messageNumber));
  expect(told).toHaveLength(3);
  expect(new Set(told)).toEqual(new Set([1, 2, 3]));
  expect(run.report).toMatchObject({ counts: { stored: 3 }, ending: "done" });

  server.maildrop.deliver(mail(4));
  for await (const outcomes of fetchAccount(options(server, store)).blocks()) {
    expect(outcomes).toMatchObject([{ kind: "stored", messageNumber: 4 }]);
    break;
  }
  expect(server.sessions.map(({ quit }) => quit)).toEqual([false, true, false]);
  expect(await stored(store)).toEqual(served(server));
});

it("stops, and starts no other session, where another took the maildrop over; nothing it retrieved then is stored", async () => {
  await using server = await serverWith(3);
  const store = new InMemoryStore();
  server.faults = [
    {
      at: { verb: "RETR", messageNumber: 2 },
      do: "hold",
      until: () => store.acquireLease(`alice@127.0.0.1:${server.port}`, thief),
    },
  ];
  const { report } = await all(fetchAccount(options(server, store)));
  expect(report).toMatchObject({
    counts: { stored: 0 },
    warnings: [],
    ending: "busy",
    error: { code: "lease-lost", message: expect.stringContaining("taken over") },
  });
  expect(await stored(store)).toEqual([]);
  expect(server.sessions).toHaveLength(1);
});

it("keeps the maildrop over all sessions of an invocation", async () => {
  await using server = await serverWith(3);
  const store = new InMemoryStore();
  const tokens = new Set<string | null>();
  const transact = store.transact.bind(store);
  store.transact = (id, guard, work) => {
    tokens.add(guard.leaseToken);
    return transact(id, guard, work);
  };
  server.faults = [{ at: { verb: "RETR", messageNumber: 2, times: 1 }, do: "close" }];
  const { report } = await all(fetchAccount(options(server, store)));
  expect(report).toMatchObject({ counts: { stored: 3 }, ending: "done" });
  expect(server.sessions).toHaveLength(2);
  expect([...tokens]).toEqual([expect.stringMatching(/^[0-9a-f]{32}$/)]);
});

it("starts again where a person has a deferred message tried in the middle of it", async () => {
  await using server = await serverWith(3);
  const store = new InMemoryStore();
  server.maildrop.behaviour.refuse = (verb, n) => (verb === "RETR" && n === 2 ? "-ERR later" : undefined);
  await all(fetchAccount(options(server, store)));
  delete server.maildrop.behaviour.refuse;
  server.maildrop.deliver(mail(4));
  const retry = async (): Promise<number> => retryDeferred(store, await chooseDeferred(store, "all"));
  server.faults = [{ at: { verb: "RETR", messageNumber: 4, times: 1 }, do: "hold", until: retry }];
  const { report } = await all(fetchAccount(options(server, store)));
  expect(report).toMatchObject({
    counts: { stored: 2, known: 2, deferred: 0 },
    warnings: [{ code: "started-again" }],
    ending: "done",
  });
  expect(await stored(store)).toEqual(served(server));
});

it("counts what a baseline marks apart from what it finds known", async () => {
  await using server = await serverWith(3);
  const store = new InMemoryStore();
  await all(fetchAccount({ ...options(server, store), limit: 1 }));
  const { report } = await all(baselineAccount(options(server, store)));
  expect(report).toMatchObject({ baselined: 2, counts: { stored: 0, known: 1 }, ending: "done" });
  expect((await all(fetchAccount(options(server, store)))).report).not.toHaveProperty("baselined");
});
