import {
  DuplicateKeyError,
  GuardFailedError,
  type LedgerEntry,
  type LedgerTransaction,
  MailonceError,
} from "@mailonce/core";
import { expect, it } from "vitest";
import type { TypeormStore } from "../src/index.ts";
import { onEveryDatabase } from "./databases.ts";
import { collect, contentOf, entry, knownEntries, message, nextId, octets, sha256 } from "./samples.ts";

const GUARD = { generation: 0, leaseToken: null };

onEveryDatabase("the store", (database) => {
  async function withMaildrop(): Promise<{ store: TypeormStore; id: number }> {
    const store = await database.open();
    return { store, id: (await store.openMaildrop("a@example.org")).id };
  }

  async function insert(store: TypeormStore, id: number, entries: readonly LedgerEntry[]): Promise<void> {
    await store.transact(id, GUARD, (tx) => tx.insertEntries(entries));
  }

  it("gives two callers at once the same maildrop", async () => {
    const store = await database.open();
    expect(await store.findMaildrop("a")).toBeNull();
    const [one, other] = await Promise.all([store.openMaildrop("a"), store.openMaildrop("a")]);
    expect(other).toEqual(one);
    expect(await store.findMaildrop("a")).toEqual(one);
    expect(one).toMatchObject({
      name: "a",
      mark: null,
      generation: 0,
      uniqueIdsTrusted: true,
      topProven: null,
    });
  });

  it("knows whose mail a maildrop holds, whatever it is called", async () => {
    const { store, id } = await withMaildrop();
    const { addresses } = store;
    await addresses.note("a@example.org", "Jo\u00e9 @mail.example.org");
    await addresses.note("nowhere", "b@mail.example.org");
    expect(await addresses.maildropsOf("Jo\u00e9 @mail.example.org")).toEqual(["a@example.org"]);
    for (const other of ["jo\u00e9 @mail.example.org", "Joe @mail.example.org", "b@mail.example.org"])
      expect(await addresses.maildropsOf(other)).toEqual([]);
    await store.openMaildrop("b");
    await addresses.note("b", "Jo\u00e9 @mail.example.org");
    expect(await addresses.maildropsOf("Jo\u00e9 @mail.example.org")).toEqual(["a@example.org", "b"]);
    await addresses.note("b", "b@mail.example.org");
    await addresses.note("b", "x".repeat(513));
    await Promise.all([1, 2, 3].map(() => addresses.note("a@example.org", "c@mail.example.org")));
    const request = { token: "t", owner: "o", ttlMs: 60_000, isDead: () => false };
    await store.acquireLease("a@example.org", request);
    await store.renameMaildrop(id, "c", "t");
    expect(await addresses.maildropsOf("c@mail.example.org")).toEqual(["c"]);
    expect(await addresses.maildropsOf("b@mail.example.org")).toEqual(["b"]);
    expect(await addresses.maildropsOf("c@mail.example.org", "C", "b", "c", "none")).toEqual(["b", "c"]);
  });

  it("keeps maildrops apart whose names differ in case, accent or a trailing space", async () => {
    const store = await database.open();
    const names = ["Ann", "ann", "ann ", "Änn", "ánn"];
    const ids = new Set<number>();
    for (const name of names) ids.add((await store.openMaildrop(name)).id);
    expect(ids.size).toBe(names.length);
    for (const name of names) expect((await store.findMaildrop(name))?.name).toBe(name);
  });

  it("remembers what a run learns of a maildrop", async () => {
    const { store, id } = await withMaildrop();
    const mark = {
      criteriaDigest: sha256("criteria"),
      count: 1_000_000,
      uidlOctets: 5_000_000_000,
      listOctets: 12,
      digest: sha256("listing"),
    };
    const facts = {
      mark,
      generation: 3,
      uniqueIdsTrusted: false,
      topProven: false,
      retrievalHides: true,
      sequential: true,
      utf8: true,
      endedCleanly: false,
      lastCount: 77,
      pauseReason: "password refused 🙁",
      lastRun: new Date("2026-05-06T07:08:09.010Z"),
    };
    await store.transact(id, GUARD, (tx) => tx.updateMaildrop(facts));
    expect(await store.findMaildrop("a@example.org")).toEqual({ id, name: "a@example.org", ...facts });
    await store.transact(id, { ...GUARD, generation: 3 }, (tx) =>
      tx.updateMaildrop({ mark: null, topProven: null }),
    );
    expect(await store.findMaildrop("a@example.org")).toMatchObject({
      mark: null,
      topProven: null,
      lastCount: 77,
    });
  });

  it("keeps all unique-ids apart that differ in any octet", async () => {
    const { store, id } = await withMaildrop();
    const ids = [
      "AbC",
      "abc",
      "ABC",
      "abc ",
      " abc",
      "ab\xe9",
      "abe",
      "ab\xe8",
      "abc\0",
      "\0",
      "\xff".repeat(255),
    ];
    const every = Uint8Array.from({ length: 255 }, (_, index) => index + 1);
    const entries = [...ids.map((text) => entry(text)), entry(every)];
    await insert(store, id, entries);
    const known = await knownEntries(store, id);
    const sorted = entries.map((one) => one.identity).sort(Buffer.compare);
    expect(known.map((one) => one.identity)).toEqual(sorted);
    for (const one of entries) expect(await store.entries(id, [one.identity])).toEqual([one]);
    expect(await store.entries(id, [octets("Abc")])).toEqual([]);
  });

  it("gives back every column of a ledger entry", async () => {
    const { store, id } = await withMaildrop();
    const stored = message();
    const full = entry("full", {
      classUniqueId: octets("class"),
      messageId: stored.id,
      octets: 6_000_000_000,
      headerDigest: sha256("header"),
      coreOctets: -5,
      strong: true,
      bound: true,
      occurrences: 3,
      criteriaDigest: sha256("criteria"),
      attempts: 9,
      reason: { code: "SYS/TEMP", message: "later, ñ" },
      due: new Date("2027-01-01T00:00:00.001Z"),
    });
    const bare = entry("bare", { octets: null, disposition: "deferred" });
    await store.transact(id, GUARD, async (tx) => {
      await tx.insertMessages([stored]);
      await tx.insertEntries([full, bare]);
      expect(await tx.entries([octets("full"), octets("none"), octets("bare")])).toHaveLength(2);
      expect(await tx.classEntries([octets("class"), octets("other")])).toEqual([full]);
      expect(await tx.entriesNaming([stored.id, nextId()])).toEqual([full]);
      expect(await tx.entriesWithHeader([sha256("header"), sha256("x")])).toEqual([full]);
      expect(await tx.copies([stored.digest, sha256("x")])).toEqual([
        { messageId: stored.id, digest: stored.digest, copy: 0 },
      ]);
    });
    expect(await store.entries(id, [octets("full")])).toEqual([full]);
    const known = await knownEntries(store, id);
    expect(known).toEqual([
      {
        identity: octets("bare"),
        disposition: "deferred",
        messageKey: null,
        octets: null,
        criteriaDigest: null,
        bound: false,
        attempts: 0,
        due: null,
      },
      {
        identity: octets("full"),
        disposition: "stored",
        messageKey: octets(Buffer.from(stored.id.replaceAll("-", ""), "hex").toString("latin1")),
        octets: 6_000_000_000,
        criteriaDigest: sha256("criteria"),
        bound: true,
        attempts: 9,
        due: full.due,
      },
    ]);
  });

  it("replaces, deletes and looks up a thousand entries in one call", async () => {
    const { store, id } = await withMaildrop();
    const entries = Array.from({ length: 1000 }, (_, index) => entry(`id-${index}`));
    await insert(store, id, entries.toReversed());
    const changed = entries.map((one) => ({ ...one, octets: 9, attempts: 2, firstSeen: new Date(0) }));
    await store.transact(id, GUARD, async (tx) => {
      await tx.updateEntries([...changed, entry("never inserted")]);
      await tx.deleteEntries(entries.slice(500).map((one) => one.identity));
    });
    const left = await store.entries(
      id,
      entries.map((one) => one.identity),
    );
    expect(left).toHaveLength(500);
    expect(left.every((one) => one.octets === 9 && one.attempts === 2)).toBe(true);
    expect(left.every((one) => one.firstSeen.getTime() === entries[0]?.firstSeen.getTime())).toBe(true);
    expect(await store.entries(id, [octets("never inserted")])).toEqual([]);
  });

  it("leaves nothing of a transaction whose work throws", async () => {
    const { store, id } = await withMaildrop();
    const failure = new Error("the connection broke");
    const work = store.transact(id, GUARD, async (tx) => {
      await tx.insertMessages([message()]);
      await tx.insertEntries([entry("1")]);
      await tx.updateMaildrop({ lastCount: 5 });
      throw failure;
    });
    await expect(work).rejects.toBe(failure);
    expect(await collect(store.messages())).toEqual([]);
    expect(await collect(store.knownEntries(id))).toEqual([]);
    expect((await store.findMaildrop("a@example.org"))?.lastCount).toBe(0);
  });

  it("refuses a transaction whose generation or lease is not the maildrop's", async () => {
    const { store, id } = await withMaildrop();
    const work = (guard: { generation: number; leaseToken: string | null }, maildropId = id) =>
      store.transact(maildropId, guard, (tx) => tx.insertEntries([entry("1")]));
    await expect(work({ generation: 1, leaseToken: null })).rejects.toThrow(GuardFailedError);
    await expect(work({ generation: 0, leaseToken: "mine" })).rejects.toThrow(GuardFailedError);
    await expect(work(GUARD, id + 1)).rejects.toThrow(GuardFailedError);
    expect(await collect(store.knownEntries(id))).toEqual([]);
    const table = `${store.dataSource.entityMetadatas.find((one) => one.name.endsWith("maildrop"))?.tableName}`;
    await store.dataSource.query(`UPDATE ${table} SET lease_token = 'mine'`);
    await work({ generation: 0, leaseToken: "mine" });
    expect(await store.entries(id, [octets("1")])).toHaveLength(1);
  });

  it("reports a second row of the same key, and commits nothing of that transaction even if it is caught", async () => {
    const { store, id } = await withMaildrop();
    const first = message();
    await store.transact(id, GUARD, async (tx) => {
      await tx.insertMessages([first]);
      await tx.insertEntries([entry("1", { messageId: first.id })]);
    });
    const again = (work: Parameters<typeof store.transact<void>>[2]) => store.transact(id, GUARD, work);
    await expect(again((tx) => tx.insertEntries([entry("0"), entry("1")]))).rejects.toThrow(
      DuplicateKeyError,
    );
    await expect(again((tx) => tx.insertMessages([message({ digest: first.digest })]))).rejects.toThrow(
      DuplicateKeyError,
    );
    await expect(again((tx) => tx.insertMessages([message({ id: first.id })]))).rejects.toThrow(
      DuplicateKeyError,
    );
    const caught = again(async (tx) => {
      await tx.insertEntries([entry("2")]);
      await tx.insertEntries([entry("1")]).catch(() => {});
    });
    await expect(caught).rejects.toThrow(DuplicateKeyError);
    expect(await knownEntries(store, id)).toHaveLength(1);
    await again((tx) => tx.insertMessages([message({ digest: first.digest, copy: 1 })]));
    expect(await collect(store.messages())).toHaveLength(2);
  });

  it("refuses identities that not every database could hold", async () => {
    const { store, id } = await withMaildrop();
    for (const length of [0, 256]) {
      await expect(insert(store, id, [entry(new Uint8Array(length))])).rejects.toMatchObject({
        code: "content-refused",
      });
    }
  });

  it("stores a message whatever stands in its header", async () => {
    const { store, id } = await withMaildrop();
    const odd = message({
      messageIdHeader: "x".repeat(5000),
      subject: "🎈".repeat(5000),
      from: "\ud800 lone, NUL \0, \udc00",
      to: "",
      date: new Date(Number.NaN),
    });
    const old = message({
      date: new Date(-1e14),
      subject: null,
      from: null,
      to: null,
      messageIdHeader: null,
    });
    const late = message({ date: new Date(8.64e15) });
    await store.transact(id, GUARD, (tx) => tx.insertMessages([late, odd, old]));
    const [third, second, first] = await collect(store.messages());
    expect(first).toMatchObject({ subject: "🎈".repeat(1000), from: "� lone, NUL �, �", to: "", date: null });
    expect(first?.messageIdHeader).toBe("x".repeat(1000));
    expect(second).toMatchObject({ id: old.id, date: null, subject: null, from: null });
    expect(third).toMatchObject({ id: late.id, date: null });
  });

  it("lists messages newest first, of one maildrop or all, and finds them by the beginning of their id", async () => {
    const store = await database.open();
    const messages = Array.from({ length: 1203 }, () => message());
    const maildrops = [await store.openMaildrop("a"), await store.openMaildrop("b")];
    for (const [index, { id }] of maildrops.entries()) {
      const mine = messages.filter((_, position) => position % 2 === index);
      await store.transact(id, GUARD, (tx) => tx.insertMessages(mine.toReversed()));
    }
    const all = await collect(store.messages());
    expect(all.map((one) => one.id)).toEqual(messages.map((one) => one.id).toReversed());
    const [newest] = all;
    const { content: _content, digest: _digest, copy: _copy, ...expected } = messages[1202] ?? message();
    expect(newest).toEqual({ ...expected, maildrop: "a" });
    const ofB = await collect(store.messages({ maildrop: "b", limit: 7 }));
    expect(ofB).toHaveLength(7);
    expect(ofB[0]?.id).toBe(messages[1201]?.id);
    expect(await collect(store.messages({ maildrop: "c" }))).toEqual([]);
    expect(await collect(store.messages({ limit: 0 }))).toEqual([]);

    const id = String(newest?.id);
    expect(await store.findMessages(id)).toEqual([newest]);
    expect(await store.findMessages(id.slice(0, 26))).toEqual([newest]);
    expect(await store.findMessages("019")).toHaveLength(2);
    for (const none of ["f", "x", `${id}0`, id.replaceAll("-", ""), "0190_", "'"]) {
      expect(await store.findMessages(none)).toEqual([]);
    }
  });

  it("gives back a content octet by octet, and says if there is none", async () => {
    const { store, id } = await withMaildrop();
    const bytes = Uint8Array.from({ length: 600_001 }, (_, index) => (index * 31 + (index >> 8)) & 0xff);
    const [large, empty] = [
      message({ content: contentOf(bytes) }),
      message({ content: contentOf(new Uint8Array(0)) }),
    ];
    await store.transact(id, GUARD, (tx) => tx.insertMessages([large, empty, message()]));
    expect(Buffer.concat(await collect(store.content(large.id))).equals(bytes)).toBe(true);
    expect(await collect(store.content(empty.id))).toEqual([]);
    await expect(collect(store.content(nextId()))).rejects.toMatchObject({ code: "no-such-message" });
    const short = message({ content: { ...contentOf(bytes), octets: 5 } });
    await expect(store.transact(id, GUARD, (tx) => tx.insertMessages([short]))).rejects.toThrow(
      MailonceError,
    );
  });

  it("reads while its consumer writes: no connection is held between two blocks", async () => {
    const { store, id } = await withMaildrop();
    await insert(store, id, [entry("1"), entry("2")]);
    const stored = message();
    await store.transact(id, GUARD, (tx) => tx.insertMessages([stored]));
    for await (const _ of store.knownEntries(id)) await insert(store, id, [entry("3")]);
    for await (const _ of store.messages()) await insert(store, id, [entry("4")]);
    for await (const _ of store.content(stored.id)) await insert(store, id, [entry("5")]);
    expect(await knownEntries(store, id)).toHaveLength(5);
  });

  it("refuses a transaction's use after its end", async () => {
    const { store, id } = await withMaildrop();
    const kept: LedgerTransaction[] = [];
    await store.transact(id, GUARD, async (tx) => void kept.push(tx));
    const failing = store.transact(id, GUARD, async (tx) => {
      kept.push(tx);
      throw new MailonceError("test", "rolled back");
    });
    await expect(failing).rejects.toMatchObject({ code: "test" });
    expect(kept).toHaveLength(2);
    for (const tx of kept) {
      await expect(tx.insertEntries([entry("1")])).rejects.toMatchObject({ code: "store-misused" });
    }
    expect(await collect(store.knownEntries(id))).toEqual([]);
  });

  it("lets transactions of one maildrop follow each other", async () => {
    const { store, id } = await withMaildrop();
    await Promise.all(
      Array.from({ length: 30 }, (_, index) =>
        store
          .transact(id, GUARD, async (tx) => {
            const [counter] = await tx.entries([octets("counter")]);
            if (counter === undefined) await tx.insertEntries([entry("counter", { attempts: 1 })]);
            else await tx.updateEntries([{ ...counter, attempts: counter.attempts + 1 }]);
            await tx.insertMessages([message()]);
            if (index % 10 === 9) throw new MailonceError("test", "this one is rolled back");
          })
          .catch((error: unknown) => expect(error).toMatchObject({ code: "test" })),
      ),
    );
    expect(await store.entries(id, [octets("counter")])).toMatchObject([{ attempts: 27 }]);
    expect(await collect(store.messages())).toHaveLength(27);
  });

  it("gives every deferred entry once, however many there are", async () => {
    const { store, id } = await withMaildrop();
    const many = Array.from({ length: 1201 }, (_, n) => entry(`uid-${n}`, { attempts: n % 3 }));
    await insert(store, id, many);
    const listed = (await collect(store.deferredEntries(id))).flat();
    const names = (entries: readonly LedgerEntry[]) =>
      entries.map(({ identity }) => Buffer.from(identity).toString()).sort();
    expect(names(listed)).toEqual(names(many.filter(({ attempts }) => attempts > 0)));
    expect(await collect(store.deferredEntries(id + 1))).toEqual([]);
  });

  it("waits for the maildrop's row before it looks at the clock for a lease", async () => {
    const { store, id } = await withMaildrop();
    const request = (token: string, ttlMs: number) => ({ token, owner: token, ttlMs, isDead: () => false });
    expect(await store.acquireLease("a@example.org", request("short", 300))).toMatchObject({ kind: "taken" });
    let begun = (): void => {};
    const locked = new Promise<void>((resolve) => {
      begun = resolve;
    });
    // The row is locked until the lease that was there has expired by the database's own clock.
    const writing = store.transact(id, { ...GUARD, leaseToken: "short" }, async (tx) => {
      begun();
      const start = Date.now();
      while (Date.now() - start < 400) await tx.entries([octets("x")]);
    });
    await locked;
    const asked = store.acquireLease("a@example.org", request("next", 60_000));
    await writing;
    expect(await asked).toMatchObject({ kind: "taken" });
    expect(await store.renewLease(id, "short", 300)).toBe(false);
    expect(await store.acquireLease("a@example.org", request("third", 300))).toMatchObject({
      holder: { owner: "next" },
    });
  });
});
