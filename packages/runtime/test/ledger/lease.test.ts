import { join } from "node:path";
import { GuardFailedError, type LeaseRequest, StoreUnavailableError } from "@mailonce/core";
import { InMemoryStore } from "@mailonce/core/memory";
import {
  type MariaDb,
  type RunningProcess,
  startMariaDb,
  startProcess,
  temporaryFolder,
} from "@mailonce/testkit";
import { openStore } from "@mailonce/typeorm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { holdLease, type LeaseStore } from "../../src/ledger/lease.ts";
import { type ProcessFacts, processFacts } from "../../src/system/process-identity.ts";

/** What a process knows that runs beside this one in another container. */
const elsewhere: ProcessFacts = {
  self: { ...processFacts().self, host: "elsewhere.example.org", pidNamespace: "1" },
  lookUp: () => ({ kind: "none" }),
};

const aborted = (signal: AbortSignal): Promise<unknown> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve(signal.reason);
    signal.addEventListener("abort", () => resolve(signal.reason));
  });

/** A store in memory that counts, and whose renewals can be made to fail. */
class WatchedStore extends InMemoryStore {
  renewals = 0;
  failing = false;
  #changed: () => void = () => {};

  override async renewLease(maildropId: number, token: string, ttlMs: number): Promise<boolean> {
    this.renewals++;
    this.#changed();
    if (this.failing) throw new StoreUnavailableError("the database is away");
    return super.renewLease(maildropId, token, ttlMs);
  }

  async renewed(times: number): Promise<void> {
    while (this.renewals < times)
      await new Promise<void>((resolve) => {
        this.#changed = resolve;
      });
  }
}

it("lets one run at a time work on a maildrop, and any number on different ones", async () => {
  const store = new InMemoryStore();
  const first = await holdLease(store, "ben");
  await expect(holdLease(store, "ben")).rejects.toMatchObject({
    code: "in-use-here",
    kind: "busy",
    message: expect.stringMatching(new RegExp(`^process ${process.pid} on .* --wait`)),
  });
  await using _other = await holdLease(store, "ann");
  await first[Symbol.asyncDispose]();
  await using second = await holdLease(store, "ben", { facts: elsewhere });
  expect(second.token).not.toBe(first.token);
});

it("waits for the other run to end, and says once for whom", async () => {
  const store = new InMemoryStore();
  const first = await holdLease(store, "ben", { facts: elsewhere });
  const told: string[] = [];
  let begun = (): void => {};
  const waiting = new Promise<void>((resolve) => {
    begun = resolve;
  });
  const second = holdLease(store, "ben", {
    wait: null,
    onWaiting: (holder) => {
      told.push(holder);
      begun();
    },
  });
  await waiting;
  await first[Symbol.asyncDispose]();
  await using _lease = await second;
  expect(told).toEqual([`process ${process.pid} on elsewhere.example.org`]);
});

it("waits no longer than it is told, and ends at once when it is interrupted", async () => {
  const store = new InMemoryStore();
  await using _first = await holdLease(store, "ben");
  await expect(holdLease(store, "ben", { wait: 20 })).rejects.toMatchObject({ code: "in-use-here" });
  const controller = new AbortController();
  const onWaiting = (): void => controller.abort();
  await expect(
    holdLease(store, "ben", { wait: null, onWaiting, signal: controller.signal }),
  ).rejects.toMatchObject({ name: "AbortError" });
});

it("renews for as long as it is held, also after a time without the database, and not after", async () => {
  const store = new WatchedStore();
  const lease = await holdLease(store, "ben", { ttlMs: 2000 });
  await store.renewed(2);
  store.failing = true;
  await store.renewed(4);
  store.failing = false;
  await store.renewed(6);
  expect(lease.signal.aborted).toBe(false);
  await lease[Symbol.asyncDispose]();
  const { renewals } = store;
  await using next = await holdLease(store, "ben", { ttlMs: 60 });
  await store.renewed(renewals + 1);
  expect(next.signal.aborted).toBe(false);
});

it("ends the run where the database stays away for longer than the lease lasts", async () => {
  const store = new WatchedStore();
  await using lease = await holdLease(store, "ben", { ttlMs: 100 });
  store.failing = true;
  expect(await aborted(lease.signal)).toMatchObject({
    code: "lease-lost",
    kind: "unavailable",
    message: expect.stringContaining("the database is away"),
  });
});

it("ends the run where another has taken over, and gives nothing back then", async () => {
  const store = new InMemoryStore();
  const { id } = await store.openMaildrop("ben");
  await using lease = await holdLease(store, "ben", { ttlMs: 60 });
  const thief: LeaseRequest = { token: "thief", owner: "?", ttlMs: 60_000, isDead: () => true };
  expect(await store.acquireLease("ben", thief)).toMatchObject({ kind: "taken" });
  expect(await aborted(lease.signal)).toMatchObject({ code: "lease-lost", kind: "busy" });
  await lease[Symbol.asyncDispose]();
  expect(await store.renewLease(id, "thief", 60_000)).toBe(true);
});

it("is asked at once by who has reason to doubt it", async () => {
  const store = new InMemoryStore();
  await using lease = await holdLease(store, "ben");
  await lease.confirm();
  expect(lease.signal.aborted).toBe(false);
  await store.acquireLease("ben", { token: "thief", owner: "?", ttlMs: 60_000, isDead: () => true });
  await lease.confirm();
  expect(lease.signal.aborted).toBe(true);
});

/** A process of its own that holds the lease. */
async function holder(url: string, ttlMs: number): Promise<RunningProcess> {
  const script = join(import.meta.dirname, "holder.mjs");
  const process_ = await startProcess(process.execPath, [script, url, "ben", String(ttlMs)]);
  await process_.waitForLine(/^held$/);
  return process_;
}

async function tried(store: LeaseStore): Promise<string> {
  try {
    await using _lease = await holdLease(store, "ben");
    return "taken";
  } catch (error) {
    return String(Reflect.get(error as object, "code"));
  }
}

function betweenProcesses(title: string, freshUrl: () => Promise<string>): void {
  describe(`between processes on ${title}`, () => {
    it("takes over at once from a process that was killed, though its lease has long to run", async () => {
      const url = await freshUrl();
      await using other = await holder(url, 3_600_000);
      await using store = await openStore({ url });
      expect(await tried(store)).toBe("in-use-here");
      other.kill("SIGKILL");
      await other.ended;
      expect(await tried(store)).toBe("taken");
    });

    it("takes nothing from a process that is stopped until its lease has expired; that one finds out", async () => {
      const url = await freshUrl();
      await using store = await openStore({ url });
      await using other = await holder(url, 3000);
      other.kill("SIGSTOP");
      expect(await tried(store)).toBe("in-use-here");
      {
        const asked = performance.now();
        await using lease = await holdLease(store, "ben", { wait: null });
        expect(performance.now() - asked).toBeGreaterThan(100);
        const { id, generation } = await store.openMaildrop("ben");
        await store.transact(id, { generation, leaseToken: lease.token }, async () => {});
        await expect(
          store.transact(id, { generation, leaseToken: "the stopped one's" }, async () => {}),
        ).rejects.toThrow(GuardFailedError);
        other.kill("SIGCONT");
        await other.waitForLine(/^lost: lease-lost$/);
      }
    });
  });
}

const folder = temporaryFolder("mailonce-lease-");
afterAll(() => folder.remove());
let files = 0;
betweenProcesses("SQLite", async () => `sqlite:${join(folder.path, `${files++}.sqlite`)}`);

let server: MariaDb | undefined;
beforeAll(async () => {
  server = await startMariaDb();
});
afterAll(() => server?.stop());
betweenProcesses("MariaDB", async () => {
  if (server === undefined) throw new Error("MariaDB has not started");
  return (await server.createDatabase()).mariadbUrl;
});
