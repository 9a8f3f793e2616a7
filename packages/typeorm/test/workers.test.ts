import { expect, it } from "vitest";
import { onEveryDatabase } from "./databases.ts";

const MINUTE = 60_000;
const NEW = {
  notBefore: null,
  lastRun: null,
  lastSuccess: null,
  failures: 0,
  refusals: 0,
  loginDelayMs: 0,
  pause: null,
};

onEveryDatabase("the workers of a database", (database) => {
  it("see each other while they live, and those no more that left or fell silent", async () => {
    const { workers } = await database.open();
    expect(await workers.announce({ owner: "Ann 1", queue: "own" }, MINUTE)).toEqual([]);
    expect(await workers.announce({ owner: "ann 1", queue: "redis" }, MINUTE)).toEqual([
      { owner: "Ann 1", queue: "own" },
    ]);
    expect(await workers.announce({ owner: "Ann 1", queue: "redis" }, -1)).toEqual([
      { owner: "ann 1", queue: "redis" },
    ]);
    expect(await workers.announce({ owner: "ann 1", queue: "redis" }, MINUTE)).toEqual([]);
    await workers.leave("ann 1");
    expect(await workers.announce({ owner: "ben 2", queue: "own" }, MINUTE)).toEqual([]);
  });
});

onEveryDatabase("the standings in short", (database) => {
  it("tell of each maildrop whether it is paused and why, whether somebody is at it, and when it went well", async () => {
    const store = await database.open();
    const at = new Date("2026-11-02T10:00:00.123Z");
    for (const name of ["new", "held", "well", "Paused"]) await store.openMaildrop(name);
    const held = await store.openMaildrop("held");
    await store.acquireLease("held", { token: "t", owner: "me", ttlMs: MINUTE, isDead: () => false });
    const pause = { code: "by-hand", reason: "on leave", digest: null };
    await store.standings.put(
      new Map([
        ["well", { ...NEW, lastRun: at, lastSuccess: at }],
        ["Paused", { ...NEW, failures: 2, pause }],
      ]),
    );
    const nothing = {
      lastRun: null,
      lastSuccess: null,
      failures: 0,
      refusals: 0,
      pause: null,
      isLeased: false,
    };
    expect(Object.fromEntries(await store.standings.summaries())).toEqual({
      new: nothing,
      held: { ...nothing, isLeased: true },
      well: { ...nothing, lastRun: at, lastSuccess: at },
      Paused: { ...nothing, failures: 2, pause: "by-hand" },
    });
    expect([...(await store.standings.paused())]).toEqual([
      ["Paused", { code: "by-hand", reason: "on leave" }],
    ]);
    await store.releaseLease(held.id, "t");
    expect((await store.standings.summaries()).get("held")?.isLeased).toBe(false);
  });
});
