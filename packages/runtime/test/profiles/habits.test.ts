import { InMemorySpool, InMemoryStore } from "@mailonce/core/memory";
import { startPop3Server } from "@mailonce/testkit";
import { expect, it } from "vitest";
import { accountOf, parseAccountUrl } from "../../src/account/account-url.ts";
import type { ProfileName } from "../../src/account/settings.ts";
import { bareAccount } from "../../src/config/defaults.ts";
import { profileOptions } from "../../src/profiles/profile.ts";
import type { AccountRun } from "../../src/run/account-run.ts";
import { type FetchAccountOptions, fetchAccount } from "../../src/run/fetch-account.ts";
import { openSession } from "../../src/session/account-session.ts";

const mail = (n: number): Uint8Array => Buffer.from(`Subject: number ${n}\r\n\r\nThis is message ${n}.\r\n`);

function options(port: number, profile: ProfileName, store = new InMemoryStore()): FetchAccountOptions {
  const account = accountOf(parseAccountUrl(`pop3://alice@127.0.0.1:${port}?tls=none`));
  const credentials = { user: "alice", password: "secret" };
  return {
    ...profileOptions({ ...bareAccount(account), profile }),
    account,
    credentials,
    store,
    spool: new InMemorySpool(),
  };
}

async function reportOf(run: AccountRun): Promise<AccountRun["report"]> {
  for await (const _outcome of run);
  return run.report;
}

it("moves Gmail's window on, past mail that is known and still in it", async () => {
  const maildrop = { hidesRetrieved: true, window: { show: "oldest", count: 3 } } as const;
  await using server = await startPop3Server({ maildrop });
  for (let n = 1; n <= 5; n++) server.maildrop.deliver(mail(n));
  const store = new InMemoryStore();
  const fetch = () => reportOf(fetchAccount(options(server.port, "gmail", store)));
  // The first run dies between its commit and its QUIT: what it has stored fills the window.
  server.faults = [{ at: { verb: "QUIT", connection: 1 }, do: "close" }];
  expect((await fetch()).counts.stored).toBe(3);
  server.faults = [];
  expect((await fetch()).counts).toMatchObject({ stored: 0, known: 3 });
  expect((await fetch()).counts).toMatchObject({ stored: 2 });
});

it("sends a token in a line of its own to Microsoft 365", async () => {
  await using server = await startPop3Server({ token: "t0ken", mechanisms: ["XOAUTH2"] });
  const { account, ...rest } = options(server.port, "microsoft365");
  const session = await openSession(account, {
    ...rest,
    credentials: { user: "alice", token: "t0ken" },
    mechanisms: ["XOAUTH2"],
  });
  session.close();
  expect(server.sessions[0]?.commands.slice(1, 4)).toEqual(["UTF8", "AUTH XOAUTH2", "***"]);
});

it("says NOOP while a session has nothing else to say", async () => {
  await using server = await startPop3Server();
  const { account, ...rest } = options(server.port, "microsoft365");
  const session = await openSession(account, { ...rest, keepAliveMs: 20 });
  await server.waitFor(() => server.count("NOOP") >= 2);
  session.close();
});

it("waits between two logins where the provider wants it", async () => {
  await using server = await startPop3Server();
  for (let n = 1; n <= 3; n++) server.maildrop.deliver(mail(n));
  server.faults = [{ at: { verb: "RETR", messageNumber: 2, afterOctets: 10, times: 1 }, do: "close" }];
  const given = options(server.port, "ovh");
  expect(given.loginIntervalMs).toBe(60_000);
  const restart = { restarts: 3, pause: async (): Promise<void> => {} };
  const run = fetchAccount({ ...given, restart, loginIntervalMs: 300 });
  const start = performance.now();
  expect(await reportOf(run)).toMatchObject({ counts: { stored: 3 }, ending: "done" });
  expect(server.sessions.length).toBeGreaterThan(1);
  expect(performance.now() - start).toBeGreaterThan(290);
});

it("ends while it waits, if it is told to", async () => {
  await using server = await startPop3Server();
  server.maildrop.deliver(mail(1));
  server.faults = [{ at: { verb: "RETR", afterOctets: 10, times: 1 }, do: "close" }];
  const controller = new AbortController();
  const restart = {
    restarts: 3,
    pause: async (): Promise<void> => void setImmediate(() => controller.abort()),
  };
  const run = fetchAccount({ ...options(server.port, "ovh"), restart, signal: controller.signal });
  expect(await reportOf(run)).toMatchObject({ ending: "interrupted" });
});
