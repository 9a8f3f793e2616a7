import { LONGEST_DELIVERY_WAIT_MS } from "@mailonce/core";
import { expect, it } from "vitest";
import type { OutboxEntry, TypeormStore } from "../src/index.ts";
import { onEveryDatabase } from "./databases.ts";
import { contentOf, entry, message, octets } from "./samples.ts";

const GUARD = { generation: 0, leaseToken: null };
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const NOW = new Date("2026-11-22T12:00:00Z");
const at = (ms: number): Date => new Date(NOW.getTime() + ms);

/** A store with a message for each of these times, at which it was stored and one hook is to be told of it. */
async function storeWith(store: TypeormStore, times: readonly Date[]): Promise<void> {
  for (const [n, storedAt] of times.entries()) {
    const { id } = await store.openMaildrop(`maildrop ${n}`);
    const one = message({
      id: idOf(storedAt),
      content: contentOf(octets(`number ${n}`)),
      storedAt,
      hooks: ["web"],
    });
    await store.transact(id, GUARD, (tx) => tx.insertMessages([one]));
  }
}

let ids = 0;

/** A UUIDv7 of that time. */
function idOf(time: Date): string {
  const hex = time.getTime().toString(16).padStart(12, "0");
  return `${hex.slice(0, 8)}-${hex.slice(8)}-7000-8000-${String(++ids).padStart(12, "0")}`;
}

async function all({ outbox }: TypeormStore): Promise<readonly OutboxEntry[]> {
  const entries: OutboxEntry[] = [];
  for await (const one of outbox.entries()) entries.push(one);
  return entries;
}

onEveryDatabase("a clock that was wrong", (database) => {
  it.each([
    ["eleven years ahead", 11 * 365 * DAY, true],
    ["a day ahead", DAY, true],
    ["a little farther ahead than anything waits", LONGEST_DELIVERY_WAIT_MS + 1, true],
    ["as far ahead as a delivery waits", LONGEST_DELIVERY_WAIT_MS, false],
    ["a second ahead", 1000, false],
    ["right", 0, true],
    ["thirty years behind", -30 * 365 * DAY, true],
  ])("keeps no delivery that was written by one that was %s", async (_, ms, isDue) => {
    await using store = await database.open();
    await storeWith(store, [at(ms)]);
    expect(await store.outbox.claim(NOW, 60_000)).toHaveLength(isDue ? 1 : 0);
  });

  it("keeps no delivery that somebody took in hand, or that failed, while it was ahead", async () => {
    await using store = await database.open();
    await storeWith(store, [NOW, NOW]);
    const ahead = at(11 * 365 * DAY);
    const [taken] = await store.outbox.claim(ahead, 60_000);
    const [failed] = await store.outbox.claim(ahead, 60_000);
    const reason = { code: "http-status", message: "no" };
    if (failed !== undefined)
      await store.outbox.settle(failed, { state: "pending", due: new Date(ahead.getTime() + HOUR), reason });
    const again = [await store.outbox.claim(NOW, 60_000), await store.outbox.claim(NOW, 60_000)].flat();
    expect(new Set(again.map(({ messageId }) => messageId))).toEqual(
      new Set([taken?.messageId, failed?.messageId]),
    );
    // From now on it is the right clock that counts.
    expect(await store.outbox.claim(at(59_000), 60_000)).toEqual([]);
    expect(await store.outbox.claim(at(60_000), 60_000)).toHaveLength(1);
  });

  it("leaves a delivery to whoever may have it in hand for longer than it would wait", async () => {
    await using store = await database.open();
    await storeWith(store, [NOW]);
    expect(await store.outbox.claim(NOW, 8 * HOUR)).toHaveLength(1);
    expect(await store.outbox.claim(at(HOUR), 8 * HOUR)).toEqual([]);
    expect(await store.outbox.claim(at(8 * HOUR), 8 * HOUR)).toHaveLength(1);
  });

  it("keeps no delivery in the table that is said to have been made in years to come", async () => {
    await using store = await database.open();
    const keep = 14 * DAY;
    const ahead = 11 * 365 * DAY;
    // Each stored then, and delivered then.
    const times = [
      [0, ahead],
      [ahead, ahead],
      [ahead + 1, 0],
      [1, HOUR],
    ] as const;
    await storeWith(
      store,
      times.map(([stored]) => at(stored)),
    );
    for (const one of await all(store)) {
      const n = Number(one.maildrop.slice(-1));
      await store.outbox.settle(one, { state: "delivered", at: at(times[n]?.[1] ?? 0) });
    }
    const left = async (ms: number): Promise<ReadonlySet<string>> => {
      await store.outbox.prune(at(ms - keep), at(ms + keep));
      return new Set((await all(store)).map(({ maildrop }) => maildrop));
    };
    const others = new Set(["maildrop 0", "maildrop 2", "maildrop 3"]);
    expect(await left(0)).toEqual(others);
    expect(await left(keep - HOUR)).toEqual(others);
    expect(await left(keep + 2 * HOUR)).toEqual(new Set());
  });

  it("keeps nobody off a token that was claimed by one that was ahead", async () => {
    await using store = await database.open();
    await store.tokens.put("joe", octets("sealed"));
    const kept = await store.tokens.find("joe");
    const claim = (token: string, ttlMs: number) =>
      store.tokens.claim("joe", kept?.version ?? "", { token, owner: token, ttlMs, isDead: () => false });
    expect(await claim("ahead", 11 * 365 * DAY)).toBe("claimed");
    expect(await claim("next", 60_000)).toBe("claimed");
    expect(await claim("third", 60_000)).toMatchObject({ owner: "next" });
  });

  it("tells nobody that a maildrop is held for years", async () => {
    await using store = await database.open();
    const { id } = await store.openMaildrop("ben");
    await store.acquireLease("ben", {
      token: "a",
      owner: "a",
      ttlMs: 11 * 365 * DAY,
      isDead: () => false,
    });
    expect(await store.leaseHolder(id)).toBeNull();
  });

  it("writes times down as they are: what they mean is for who reads them", async () => {
    await using store = await database.open();
    const { id } = await store.openMaildrop("ben");
    const due = at(11 * 365 * DAY);
    const row = entry("uid-1", { disposition: "deferred", attempts: 3, due });
    await store.transact(id, GUARD, (tx) => tx.insertEntries([row]));
    const [read] = await store.entries(id, [octets("uid-1")]);
    expect(read?.due).toEqual(due);
  });
});
