import { randomBytes } from "node:crypto";
import path from "node:path";
import { performance } from "node:perf_hooks";
import { StoreUnavailableError } from "@mailonce/core";
import { temporaryFolder } from "@mailonce/testkit";
import { afterAll, describe, expect, it } from "vitest";
import { createStore, openStore, SqliteDatabase } from "../src/index.ts";
import { runElsewhere } from "./elsewhere.ts";
import { collect, entry, knownEntries, message, octets } from "./samples.ts";

const GUARD = { generation: 0, leaseToken: null };

describe("an SQLite file shared by many", () => {
  const folder = temporaryFolder("mailonce-typeorm-");
  afterAll(() => folder.remove());
  const freshFile = () => path.join(folder.path, `${randomBytes(6).toString("hex")}.db`);

  it("keeps one store's rows while another's transaction on the same DataSource is rolled back", async () => {
    await using store = await openStore({ url: `sqlite:${freshFile()}` });
    const other = createStore(store.dataSource);
    const [mine, theirs] = [await store.openMaildrop("mine"), await other.openMaildrop("theirs")];
    const failing = store.transact(mine.id, GUARD, async (tx) => {
      await tx.insertEntries([entry("lost")]);
      // Other callers get their turn here; their statements must not become part of this transaction.
      await new Promise((resolve) => setTimeout(resolve, 20));
      throw new Error("broke off");
    });
    const standing = other.transact(theirs.id, GUARD, (tx) => tx.insertEntries([entry("kept")]));
    const seen = collect(store.knownEntries(mine.id));
    await expect(failing).rejects.toThrow("broke off");
    await standing;
    expect(await seen).toEqual([]);
    expect(await store.entries(theirs.id, [octets("kept")])).toHaveLength(1);
  });

  it("commits what is written at the same time together, and undoes alone what fails", async () => {
    const file = freshFile();
    await using store = await openStore({ url: `sqlite:${file}` });
    const names = ["a", "b", "c", "d"];
    const ids = await Promise.all(names.map(async (name) => (await store.openMaildrop(name)).id));
    const stranger = new SqliteDatabase(file);
    const seen = () => stranger.prepare("SELECT maildrop_id FROM mailonce_ledger_entry").all().length;
    const counts = new Set<number>();
    const writes = ids.map((id, n) =>
      store
        .transact(id, GUARD, async (tx) => {
          await tx.insertEntries([entry("kept")]);
          counts.add(seen());
          if (n === 2) throw new Error("broke off");
        })
        .then(() => counts.add(seen())),
    );
    const results = await Promise.allSettled(writes);
    expect(results.map(({ status }) => status)).toEqual(["fulfilled", "fulfilled", "rejected", "fulfilled"]);
    // Nobody was told before it was committed, and it was one commit.
    expect([...counts]).toEqual([0, 3]);
    for (const [n, id] of ids.entries())
      expect(await store.entries(id, [octets("kept")])).toHaveLength(n === 2 ? 0 : 1);
    stranger.close();
  });

  it("tells nobody that his work is committed when another fills the disk in the same transaction", async () => {
    await using store = await openStore({ url: `sqlite:${freshFile()}` });
    const [small, large] = [await store.openMaildrop("small"), await store.openMaildrop("large")];
    await store.dataSource.query("PRAGMA max_page_count = 60");
    const results = await Promise.allSettled([
      store.transact(small.id, GUARD, (tx) => tx.insertEntries([entry("before")])),
      store.transact(large.id, GUARD, async (tx) => {
        for (let i = 0; i < 1000; i++) await tx.insertMessages([message()]);
      }),
      store.transact(small.id, GUARD, (tx) => tx.insertEntries([entry("after")])),
    ]);
    expect(results[1]?.status).toBe("rejected");
    for (const [n, id] of ["before", "", "after"].entries()) {
      if (n === 1) continue;
      const stored = await store.entries(small.id, [octets(id)]);
      expect(stored).toHaveLength(results[n]?.status === "fulfilled" ? 1 : 0);
    }
    expect(await collect(store.messages())).toEqual([]);
    await store.dataSource.query("PRAGMA max_page_count = 1000000");
    await store.transact(small.id, GUARD, (tx) => tx.insertEntries([entry("again")]));
  });

  it("says so instead of waiting for itself when called from within its own transaction", async () => {
    await using store = await openStore({ url: `sqlite:${freshFile()}` });
    const { id } = await store.openMaildrop("a");
    const nested = store.transact(id, GUARD, () => store.entries(id, [octets("1")]));
    await expect(nested).rejects.toMatchObject({ code: "store-misused" });
    expect(await store.entries(id, [octets("1")])).toEqual([]);
  });

  it("is waited for while another process has it locked, without stopping this process", async () => {
    const file = freshFile();
    await using store = await openStore({ url: `sqlite:${file}` });
    const { id } = await store.openMaildrop("a");
    const locking = new SqliteDatabase(file);
    locking.prepare("BEGIN IMMEDIATE").run();
    const write = store.transact(id, GUARD, (tx) => tx.insertEntries([entry("1")]));
    let turns = 0;
    for (const end = performance.now() + 100; performance.now() < end; turns++) {
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    expect(turns).toBeGreaterThan(20);
    locking.prepare("COMMIT").run();
    await write;
    expect(await store.entries(id, [octets("1")])).toHaveLength(1);

    locking.prepare("BEGIN IMMEDIATE").run();
    const impatient = createStore(store.dataSource, { patienceMs: 100 });
    const tooLong = impatient.transact(id, GUARD, (tx) => tx.insertEntries([entry("2")]));
    await expect(tooLong).rejects.toThrow(StoreUnavailableError);
    // Reading needs no lock in WAL.
    expect(await impatient.entries(id, [octets("1")])).toHaveLength(1);
    locking.prepare("COMMIT").run();
    locking.close();
  });

  it("waits for a transaction that its DataSource's other user has open", async () => {
    await using store = await openStore({ url: `sqlite:${freshFile()}` });
    const { id } = await store.openMaildrop("a");
    const runner = store.dataSource.createQueryRunner();
    await runner.startTransaction();
    const write = store.transact(id, GUARD, (tx) => tx.insertEntries([entry("1")]));
    await new Promise((resolve) => setTimeout(resolve, 20));
    await runner.rollbackTransaction();
    await write;
    expect(await store.entries(id, [octets("1")])).toHaveLength(1);
  });

  it("reports a full and a read-only file", async () => {
    await using store = await openStore({ url: `sqlite:${freshFile()}` });
    const { id } = await store.openMaildrop("a");
    const write = () =>
      store.transact(id, GUARD, async (tx) => {
        for (let i = 0; i < 1000; i++) await tx.insertMessages([message()]);
      });
    await store.dataSource.query("PRAGMA max_page_count = 60");
    const full: unknown = await write().catch((reason: unknown) => reason);
    expect(full).toBeInstanceOf(StoreUnavailableError);
    expect((full as Error).message).toMatch(/is full/);
    await store.dataSource.query("PRAGMA max_page_count = 1000000");
    await store.dataSource.query("PRAGMA query_only = on");
    const readOnly: unknown = await write().catch((reason: unknown) => reason);
    expect((readOnly as Error).message).toMatch(
      /is read-only: .*to read it, copy it to a folder that you can write to/,
    );
    await store.dataSource.query("PRAGMA query_only = off");
    await write();
    expect(await collect(store.messages())).toHaveLength(1000);
  });

  it("is migrated and written by several processes at once", async () => {
    const url = `sqlite:${freshFile()}`;
    const writers = ["p1", "p2", "p3"];
    const errors = await Promise.all(writers.map((name) => runElsewhere("write", { url }, name)));
    // Node's warning that its SQLite is experimental is not for who runs the program.
    expect(errors).toEqual(["", "", ""]);
    await using store = await openStore({ url });
    const { id } = await store.openMaildrop("shared");
    const [counter] = await store.entries(id, [octets("counter")]);
    expect(counter?.attempts).toBe(writers.length * 40);
    expect(await knownEntries(store, id)).toHaveLength(writers.length * 40 + 1);
    expect(await collect(store.messages())).toHaveLength(writers.length * 40);
  });
});
