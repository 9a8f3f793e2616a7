import type { Maildrop } from "@mailonce/core";
import { InMemorySpool, InMemoryStore } from "@mailonce/core/memory";
import { type Pop3Server, startPop3Server } from "@mailonce/testkit";
import { expect, it } from "vitest";
import { accountOf, parseAccountUrl } from "../../src/account/account-url.ts";
import type { AccountReport } from "../../src/run/account-run.ts";
import { type FetchAccountOptions, fetchAccount } from "../../src/run/fetch-account.ts";

const NAME = "work";

/** Calls of a store that commit. */
const COMMITS = ["acquireLease", "transact", "releaseLease"];

/** A store that notes in which order what is committed; a maildrop that is made is made with its lease. */
function countingStore(): { readonly store: InMemoryStore; readonly commits: string[] } {
  const commits: string[] = [];
  const store = new Proxy(new InMemoryStore(), {
    get(target, name) {
      const value: unknown = Reflect.get(target, name);
      if (typeof value !== "function") return value;
      if (COMMITS.includes(String(name))) commits.push(String(name));
      return value.bind(target);
    },
  });
  return { store, commits };
}

async function serverWith(count: number): Promise<Pop3Server> {
  const server = await startPop3Server();
  for (let n = 1; n <= count; n++) deliver(server, n);
  return server;
}

function deliver(server: Pop3Server, n: number): void {
  server.maildrop.deliver(Buffer.from(`Received: by mx\r\nSubject: number ${n}\r\n\r\nMessage ${n}.\r\n`));
}

async function fetch(
  server: Pop3Server,
  store: InMemoryStore,
  more: Partial<FetchAccountOptions> = {},
): Promise<AccountReport> {
  const account = accountOf(parseAccountUrl(`pop3://alice@127.0.0.1:${server.port}?tls=none`), NAME);
  const credentials = { user: "alice", password: server.password };
  const restart = { restarts: 3, pause: async (): Promise<void> => {} };
  const run = fetchAccount({ account, credentials, store, spool: new InMemorySpool(), restart, ...more });
  for await (const _outcome of run);
  return run.report;
}

/** The maildrop after its lease was given back. */
async function maildropIn(store: InMemoryStore): Promise<Maildrop> {
  const maildrop = await store.openMaildrop(NAME);
  expect(await store.leaseHolder(maildrop.id)).toBeNull();
  return maildrop;
}

it("commits the lease, the mail, and the lease's end with all that is remembered; without mail the lease alone", async () => {
  await using server = await serverWith(1);
  const { store, commits } = countingStore();
  for (const expected of [
    ["acquireLease", "transact", "releaseLease"],
    ["acquireLease", "releaseLease"],
  ]) {
    commits.length = 0;
    expect(await fetch(server, store)).toMatchObject({ ending: "done" });
    expect(commits).toEqual(expected);
  }
  deliver(server, 2);
  commits.length = 0;
  expect(await fetch(server, store)).toMatchObject({ counts: { stored: 1 } });
  expect(commits).toEqual(["acquireLease", "transact", "releaseLease"]);
  expect(await maildropIn(store)).toMatchObject({
    endedCleanly: true,
    topProven: true,
    lastCount: 2,
    lastRun: expect.any(Date),
    mark: { count: 2 },
  });
});

it("takes a login that is refused for no run that did not end by itself, but a session that breaks", async () => {
  await using server = await serverWith(3);
  const store = new InMemoryStore();
  const credentials = { user: "alice", password: "wrong" };
  expect(await fetch(server, store, { credentials })).toMatchObject({ ending: "denied" });
  expect(await maildropIn(store)).toMatchObject({ endedCleanly: true, lastRun: null, mark: null });
  server.faults = [{ at: { verb: "RETR", messageNumber: 2 }, do: "close" }];
  const once = { restart: { restarts: 0, pause: async (): Promise<void> => {} } };
  expect(await fetch(server, store, once)).toMatchObject({ ending: "unavailable" });
  expect(await maildropIn(store)).toMatchObject({ endedCleanly: false, lastRun: null, mark: null });
  server.faults = [];
  expect(await fetch(server, store)).toMatchObject({ ending: "done" });
  expect(await maildropIn(store)).toMatchObject({ endedCleanly: true, lastCount: 3, mark: { count: 3 } });
});

it("goes on by what the run before has left, where a fetch takes several runs", async () => {
  await using server = await serverWith(2);
  const store = new InMemoryStore();
  server.faults = [{ at: { verb: "RETR", messageNumber: 2, times: 1 }, do: "reply", text: "-ERR not now" }];
  expect(await fetch(server, store)).toMatchObject({ counts: { stored: 1, deferred: 1 } });
  expect(await maildropIn(store)).toMatchObject({ endedCleanly: true, mark: { count: 1 } });
  deliver(server, 3);
  expect(await fetch(server, store)).toMatchObject({ counts: { stored: 2, deferred: 0 }, ending: "done" });
  expect(await maildropIn(store)).toMatchObject({ endedCleanly: true, lastCount: 3, mark: { count: 3 } });
  const [, next, retries] = server.sessions;
  expect(next?.retrieved).toEqual([3]);
  expect(retries?.retrieved).toEqual([2]);
});

it("keeps mail and lease in order where somebody changes the ledger before the lease is given back", async () => {
  await using server = await serverWith(1);
  class ChangedStore extends InMemoryStore {
    override async releaseLease(...given: Parameters<InMemoryStore["releaseLease"]>): Promise<void> {
      const [id] = given;
      const { generation = 0 } = (await this.findMaildrop(NAME)) ?? {};
      await this.transact(id, { generation, leaseToken: null }, (tx) =>
        tx.updateMaildrop({ generation: generation + 1, mark: null }),
      );
      await super.releaseLease(...given);
    }
  }
  const store = new ChangedStore();
  expect(await fetch(server, store)).toMatchObject({ counts: { stored: 1 }, ending: "done" });
  expect(await maildropIn(store)).toMatchObject({ mark: null, lastRun: null });
  expect(await fetch(server, store)).toMatchObject({ counts: { stored: 0, known: 1 }, ending: "done" });
});
