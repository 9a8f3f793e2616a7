import { randomBytes } from "node:crypto";
import type { LedgerEntry } from "@mailonce/core";
import { expect, it } from "vitest";
import type { TypeormStore } from "../src/index.ts";
import type { FirstRunClaim } from "../src/service/first-runs.ts";
import { onEveryDatabase } from "./databases.ts";
import { entry, octets } from "./samples.ts";

const GUARD = { generation: 0, leaseToken: null };

const claim = (address: string, changes: Partial<FirstRunClaim> = {}): FirstRunClaim => ({
  address,
  digest: null,
  apart: false,
  ...changes,
});

/** A maildrop whose ledger knows these identities. */
async function maildrop(store: TypeormStore, name: string, ...identities: readonly string[]): Promise<void> {
  const { id } = await store.openMaildrop(name);
  const entries: LedgerEntry[] = identities.toSorted().map((identity) => entry(identity));
  if (entries.length > 0) await store.transact(id, GUARD, (tx) => tx.insertEntries(entries));
}

onEveryDatabase("what maildrops begin with", (database) => {
  it("is claimed by one of those that have user and host in common, and no other", async () => {
    const store = await database.open();
    const { firstRuns } = store;
    const take = async (name: string, address: string, changes: Partial<FirstRunClaim> = {}) => {
      await maildrop(store, name);
      const place = address.replace(/:\d+$/, "");
      return (await firstRuns.claim(name, claim(address, changes), place, () => true))?.name ?? null;
    };
    expect(await take("a", "joe@example.org")).toBeNull();
    expect(await take("b", "joe@example.org:1110")).toBe("a");
    expect(await firstRuns.claimOf("b")).toBeNull();
    expect(await take("c", "Joe@example.org")).toBeNull();
    expect(await take("d", "joe@example.org.uk")).toBeNull();
    expect(await take("e", "joe@[2001:db8::1]:1110")).toBeNull();
    expect(await take("f", "joe@[2001:db8::1]")).toBe("e");
    expect(await take("b", "joe@example.org:1110", { apart: true })).toBeNull();
    expect(await firstRuns.claimOf("b")).toEqual({ address: "joe@example.org:1110", apart: true });
    expect(await take("g", "joe@example.org:2110")).toBe("a");
    const at = await firstRuns.neighboursAt("joe@example.org", "x");
    expect(at.map(({ name, address, lastCount }) => [name, address, lastCount])).toEqual([
      ["a", "joe@example.org", 0],
      ["b", "joe@example.org:1110", 0],
    ]);
  });

  it("is claimed by one of many that begin with the same listing at the same time", async () => {
    const store = await database.open();
    const digest = new Uint8Array(randomBytes(32));
    const names = Array.from({ length: 6 }, (_, n) => `m${n}`);
    for (const name of names) await maildrop(store, name);
    for (const places of [() => "joe@example.org", (name: string) => `joe@${name}.example.org`]) {
      const first = places("m0") === places("m1") ? null : digest;
      const taken = await Promise.all(
        names.map((name) =>
          store.firstRuns.claim(name, claim(places(name), { digest: first }), places(name), () => true),
        ),
      );
      expect(taken.filter((other) => other === null)).toHaveLength(1);
      for (const name of names) await store.dropUnusedMaildrop(name);
      for (const name of names) await maildrop(store, name);
    }
  });

  it("is claimed for each maildrop by itself, whatever becomes of the others that are claimed at the same time", async () => {
    const store = await database.open();
    const digest = new Uint8Array(randomBytes(32));
    const names = ["a", "b", "c", "d"];
    for (const name of names) await maildrop(store, name);
    const isSame = (name: string) => () => {
      if (name === "c") throw new Error("cannot tell");
      return false;
    };
    const taken = await Promise.allSettled(
      names.map((name) => store.firstRuns.claim(name, claim(name, { digest }), name, isSame(name))),
    );
    expect(taken.map(({ status }) => status)).toEqual(["fulfilled", "fulfilled", "rejected", "fulfilled"]);
    const claimed = await Promise.all(names.map((name) => store.firstRuns.claimOf(name)));
    expect(claimed.map((one) => one?.address)).toEqual(["a", "b", undefined, "d"]);
  });

  it("is found by what the ledgers know, octet by octet", async () => {
    const store = await database.open();
    await maildrop(store, "a", "one", "two");
    await maildrop(store, "b", "two", "Three");
    await maildrop(store, "c", "three");
    const knowing = async (...identities: readonly string[]) =>
      (await store.firstRuns.neighboursKnowing(identities.map(octets), "c")).map(({ name }) => name);
    expect(await knowing("one")).toEqual(["a"]);
    expect(await knowing("two", "one")).toEqual(["a", "b"]);
    expect(await knowing("three")).toEqual([]);
    expect(await knowing("Three", "four")).toEqual(["b"]);
  });

  it("goes with a maildrop that never had a run; one that had stays", async () => {
    const store = await database.open();
    await maildrop(store, "unused");
    await maildrop(store, "used", "one");
    await store.firstRuns.claim("unused", claim("joe@example.org"), "joe@example.org", () => true);
    expect(await store.dropUnusedMaildrop("used")).toBe(false);
    expect(await store.dropUnusedMaildrop("unused")).toBe(true);
    expect(await store.dropUnusedMaildrop("unused")).toBe(false);
    expect(await store.findMaildrop("unused")).toBeNull();
    expect(await store.firstRuns.neighboursAt("joe@example.org", "x")).toEqual([]);
    await store.acquireLease("held", { token: "a", owner: "a", ttlMs: 60_000, isDead: () => false });
    expect(await store.dropUnusedMaildrop("held")).toBe(false);
  });
});
