import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { InMemorySpool, InMemoryStore } from "@mailonce/core/memory";
import { freePort, type Pop3Server, startPop3Server } from "@mailonce/testkit";
import { expect, it } from "vitest";
import { accountOf, parseAccountUrl } from "../../src/account/account-url.ts";
import { holdLease } from "../../src/ledger/lease.ts";
import type { AccountReport } from "../../src/run/account-run.ts";
import { type AccountOptions, type FetchAccountOptions, fetchAccount } from "../../src/run/fetch-account.ts";
import { connectEarly } from "../../src/session/account-session.ts";

const GREETED = ["CAPA"];

function reached(server: { readonly port: number }): AccountOptions {
  const account = accountOf(parseAccountUrl(`pop3://alice@127.0.0.1:${server.port}?tls=none`), "work");
  return { account, credentials: { user: "alice", password: "secret" } };
}

/** How to reach the server, with a connection that is begun at once. */
function begun(server: { readonly port: number }, more: Partial<AccountOptions> = {}): AccountOptions {
  const options = { ...reached(server), ...more };
  return { ...options, early: connectEarly(options.account, options) };
}

async function fetch(
  options: AccountOptions,
  store: InMemoryStore,
  more: Partial<FetchAccountOptions> = {},
): Promise<AccountReport> {
  const restart = { restarts: 3, pause: async (): Promise<void> => {} };
  const run = fetchAccount({ ...options, store, spool: new InMemorySpool(), restart, ...more });
  for await (const _outcome of run);
  return run.report;
}

/** Waits until the last of so many connections is far enough for a login. */
function connected(server: Pop3Server, count = 1): Promise<void> {
  return server.waitFor(() => (server.sessions[count - 1]?.commands.length ?? 0) > 0);
}

/** Who tried to log in, in each session. */
const users = (server: Pop3Server): (string | null)[] => server.sessions.map(({ user }) => user ?? null);

it("connects before the lease is taken, and logs in after it, over the same connection", async () => {
  await using server = await startPop3Server();
  server.maildrop.deliver(Buffer.from("Subject: one\r\n\r\none\r\n"));
  const options = begun(server);
  await connected(server);
  expect(server.sessions[0]?.commands).toEqual(GREETED);
  const store = new InMemoryStore();
  const lease = store.acquireLease.bind(store);
  let commands: readonly string[] = [];
  store.acquireLease = async (name, request) => {
    commands = [...(server.sessions[0]?.commands ?? [])];
    return lease(name, request);
  };
  expect(await fetch(options, store)).toMatchObject({ counts: { stored: 1 }, ending: "done" });
  expect(commands).toEqual(GREETED);
  expect(server.sessions).toMatchObject([{ user: "alice", ended: "quit" }]);
});

it("takes it once: a session that follows makes its own connection", async () => {
  await using server = await startPop3Server();
  for (let n = 0; n < 4; n++) server.maildrop.deliver(Buffer.from(`Subject: ${n}\r\n\r\n${n}\r\n`));
  server.faults = [{ at: { verb: "RETR", messageNumber: 3, times: 1 }, do: "close" }];
  expect(await fetch(begun(server), new InMemoryStore())).toMatchObject({ counts: { stored: 4 } });
  expect(users(server)).toEqual(["alice", "alice"]);
});

it("is the one attempt to connect, as it is without: what it fails by is told, and it is not repeated", async () => {
  const refused = await fetch(begun({ port: await freePort() }), new InMemoryStore());
  expect(refused).toMatchObject({ ending: "unavailable", error: { code: "connection-refused" } });

  await using server = await startPop3Server();
  server.faults = [{ at: { verb: "GREETING" }, do: "reply", text: "-ERR too many connections" }];
  const told = await fetch(reached(server), new InMemoryStore());
  expect(told).toMatchObject({ ending: "busy" });
  expect((await fetch(begun(server), new InMemoryStore())).error).toEqual(told.error);
  expect(server.sessions).toHaveLength(2);
});

it("tells of the database, not of the server, where neither can be had", async () => {
  const store = new InMemoryStore();
  store.acquireLease = async () => {
    throw new Error("the database is away");
  };
  const options = begun({ port: await freePort() });
  const report = await fetch(options, store);
  expect(report.error?.message).toContain("the database is away");
  options.early?.close();
});

it("ends without a login where the run has no use for it", async () => {
  await using server = await startPop3Server();
  const store = new InMemoryStore();
  await using _other = await holdLease(store, "work");
  const options = begun(server);
  await connected(server);
  expect(await fetch(options, store)).toMatchObject({ ending: "busy", error: { code: "in-use-here" } });
  options.early?.close();
  await server.waitFor(() => server.sessions[0]?.ended === "by client");
  expect(server.sessions[0]?.commands).toEqual(GREETED);
});

it("does not stay open while the maildrop's lease is waited for; a new one is made then", async () => {
  await using server = await startPop3Server();
  const store = new InMemoryStore();
  const other = await holdLease(store, "work");
  const options = begun(server);
  await connected(server);
  let holder = "";
  const onWaiting = (name: string): void => {
    holder = name;
  };
  const running = fetch(options, store, { wait: null, onWaiting });
  await server.waitFor(() => server.sessions[0]?.ended === "by client");
  expect(holder).toContain("process");
  await other[Symbol.asyncDispose]();
  expect(await running).toMatchObject({ ending: "done" });
  expect(users(server)).toEqual([null, "alice"]);
});

it("is made anew where the server has ended it meanwhile", async () => {
  await using server = await startPop3Server();
  const sockets: Socket[] = [];
  const dial = async ({ port }: { readonly port: number }): Promise<Socket> => {
    const socket = connect(port, "127.0.0.1");
    sockets.push(socket);
    return socket;
  };
  const options = begun(server, { dial });
  await connected(server);
  const [socket] = sockets;
  server.disconnectAll("-ERR you took too long");
  if (socket !== undefined && !socket.closed) await once(socket, "close");
  expect(await fetch(options, new InMemoryStore())).toMatchObject({ ending: "done" });
  expect(users(server)).toEqual([null, "alice"]);
});

it("is not held for long, nor believed where half of its time limit has passed before it is wanted", async () => {
  await using server = await startPop3Server();
  const options = begun(server, { timeouts: { connectMs: 100 } });
  await server.waitFor(() => server.sessions[0]?.ended === "by client");
  expect(await fetch(options, new InMemoryStore())).toMatchObject({ ending: "done" });
  expect(users(server)).toEqual([null, "alice"]);
});

it("ends with the signal: before it is taken, and by the signal of the run that has taken it", async () => {
  await using server = await startPop3Server();
  const before = new AbortController();
  begun(server, { signal: before.signal });
  await connected(server);
  before.abort();
  await server.waitFor(() => server.sessions[0]?.ended === "by client");

  const during = new AbortController();
  server.faults = [{ at: { verb: "UIDL" }, do: "stall" }];
  const running = fetch(begun(server, { signal: during.signal }), new InMemoryStore());
  await server.waitFor(() => server.count("UIDL") > 0);
  during.abort();
  expect(await running).toMatchObject({ ending: "interrupted" });
  await server.waitFor(() => server.sessions[1]?.ended === "by client");
});

it("asks for the credentials first, and does not connect without", async () => {
  await using server = await startPop3Server();
  let answer: (password: string) => void = () => undefined;
  const typed = new Promise<string>((resolve) => {
    answer = resolve;
  });
  const credentials = async () => ({ user: "alice", password: await typed });
  const options = begun(server, { credentials });
  await once(connect(server.port, "127.0.0.1"), "connect");
  await server.waitFor(() => server.sessions.length > 0);
  expect(server.sessions).toHaveLength(1);
  answer("secret");
  expect(await fetch(options, new InMemoryStore())).toMatchObject({ ending: "done" });
  expect(users(server)).toEqual([null, "alice"]);

  const none = begun(server, {
    credentials: async () => {
      throw new Error("there is no password");
    },
  });
  const { error } = await fetch(none, new InMemoryStore());
  expect(error).not.toBeNull();
  expect(server.sessions).toHaveLength(2);
});
