import type { Guard, LedgerEntry } from "@mailonce/core";
import { InMemoryStore } from "@mailonce/core/memory";
import { expect, it } from "vitest";
import {
  chooseDeferred,
  type DeferredMessage,
  dropDeferred,
  retryDeferred,
} from "../../src/ledger/deferred.ts";

const DIGEST = new Uint8Array(32).fill(7);
const classKey = new Uint8Array([0x0a, 0x46, ...DIGEST]);

function entry(identity: Uint8Array | string, change: Partial<LedgerEntry> = {}): LedgerEntry {
  return {
    identity: typeof identity === "string" ? Buffer.from(identity) : identity,
    classUniqueId: null,
    disposition: "deferred",
    messageId: null,
    octets: 100,
    headerDigest: null,
    coreOctets: null,
    strong: false,
    bound: false,
    occurrences: 0,
    criteriaDigest: null,
    attempts: 5,
    reason: { code: "refused", message: "no" },
    due: new Date("2027-01-01T00:00:00Z"),
    firstSeen: new Date("2026-01-01T00:00:00Z"),
    ...change,
  };
}

async function storeWith(...entries: readonly LedgerEntry[]): Promise<{ store: InMemoryStore; id: number }> {
  const store = new InMemoryStore();
  const { id } = await store.openMaildrop("ben");
  const mark = {
    criteriaDigest: null,
    count: 1,
    uidlOctets: 1,
    listOctets: 1,
    digest: DIGEST,
  };
  await store.transact(id, { generation: 0, leaseToken: null }, async (tx) => {
    await tx.insertEntries(entries);
    await tx.updateMaildrop({ mark });
  });
  return { store, id };
}

const everything = (store: InMemoryStore): Promise<readonly DeferredMessage[]> =>
  chooseDeferred(store, "all");

it("makes all runs look again: the mark is dropped, and one that is under way is told to start again", async () => {
  const { store, id } = await storeWith(entry("a"), entry("plain", { attempts: 0, disposition: "baseline" }));
  expect(await retryDeferred(store, await everything(store))).toBe(1);
  expect(await store.findMaildrop("ben")).toMatchObject({ generation: 1, mark: null });
  expect(await store.entries(id, [Buffer.from("a")])).toEqual([
    entry("a", { attempts: 0, reason: null, due: null }),
  ]);
});

it("looks again where a run changes the maildrop at the same moment", async () => {
  const { store, id } = await storeWith(entry("a"));
  const messages = await everything(store);
  const guards: Guard[] = [];
  const transact = store.transact.bind(store);
  store.transact = async (maildropId, guard, work) => {
    guards.push(guard);
    if (guards.length === 1)
      await transact(id, guard, (tx) => tx.updateMaildrop({ generation: 7, mark: null }));
    return transact(maildropId, guard, work);
  };
  expect(await retryDeferred(store, messages)).toBe(1);
  expect(guards.map(({ generation }) => generation)).toEqual([0, 7]);
  expect(await store.findMaildrop("ben")).toMatchObject({ generation: 8 });
});

it("changes nothing of what a run has had meanwhile", async () => {
  const { store, id } = await storeWith(entry("a"));
  const messages = await everything(store);
  const settled = entry("a", { disposition: "baseline", attempts: 0, reason: null, due: null });
  await store.transact(id, { generation: 0, leaseToken: null }, (tx) => tx.updateEntries([settled]));
  expect(await dropDeferred(store, messages)).toBe(0);
  expect(await store.findMaildrop("ben")).toMatchObject({ generation: 0 });
});

it("drops what is deferred for good; a stored message only forgets that a look at it failed", async () => {
  const messageId = "01900000-0000-7000-8000-000000000001";
  const rows = [
    entry("a"),
    entry("b", { disposition: "stored", messageId, occurrences: 1 }),
    entry(classKey, { headerDigest: DIGEST, classUniqueId: Buffer.from("shared") }),
  ];
  const { store, id } = await storeWith(...rows);
  const messages = await everything(store);
  expect(messages.map(({ uniqueId }) => uniqueId && Buffer.from(uniqueId).toString())).toEqual([
    "a",
    "b",
    "shared",
  ]);
  expect(await dropDeferred(store, messages)).toBe(3);
  const left = await store.entries(
    id,
    rows.map(({ identity }) => identity),
  );
  expect(
    left.map(({ disposition, attempts, due, occurrences }) => ({ disposition, attempts, due, occurrences })),
  ).toEqual([
    { disposition: "baseline", attempts: 0, due: null, occurrences: 1 },
    { disposition: "stored", attempts: 0, due: null, occurrences: 1 },
    { disposition: "baseline", attempts: 0, due: null, occurrences: 1 },
  ]);
  expect(await everything(store)).toEqual([]);
});

it("does not drop what nothing tells from other messages, nor anything together with it", async () => {
  const { store } = await storeWith(entry("a"), entry(classKey));
  await expect(dropDeferred(store, await everything(store))).rejects.toMatchObject({
    code: "cannot-drop",
    kind: "usage",
  });
  expect(await everything(store)).toHaveLength(2);
});

it("finds messages by the beginning of their ids, which stay the same", async () => {
  const { store } = await storeWith(...Array.from({ length: 40 }, (_, n) => entry(`u${n}`)));
  const ids = (await everything(store)).map(({ id }) => id);
  expect(new Set(ids).size).toBe(40);
  const [first = "", second = ""] = ids;
  const chosen = await chooseDeferred(store, [first.slice(0, 12), second.toUpperCase(), first]);
  expect(chosen.map(({ id }) => id)).toEqual([first, second]);
  // Of 40 ids two begin with the same of 16 digits.
  const twice = ids.map(([digit = ""]) => digit).find((digit, n, all) => all.indexOf(digit) !== n) ?? "";
  await expect(chooseDeferred(store, [twice])).rejects.toMatchObject({ code: "ambiguous-id", kind: "usage" });
  await expect(chooseDeferred(store, ["zz"])).rejects.toMatchObject({ code: "no-such-message" });
});
