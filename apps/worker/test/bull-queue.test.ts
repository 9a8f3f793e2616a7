import { startRedis } from "@mailonce/testkit";
import { Redis } from "ioredis";
import { expect, test } from "vitest";
import { BullQueue } from "../src/bull-queue.ts";
import { makeLog } from "../src/log.ts";

const LIMITS = { all: 4, perHost: 4 };
const every = (name: string) => ({ name, host: "pop.example.org", due: Date.now(), everyMs: 300 });

/** Counts the runs of each account, and tells when one has had as many. */
function counter() {
  const counts = new Map<string, number>();
  let look = (): void => {};
  return {
    counts,
    run: async (name: string): Promise<number> => {
      counts.set(name, (counts.get(name) ?? 0) + 1);
      look();
      return Date.now() + 100;
    },
    reached: (name: string, count: number) =>
      new Promise<void>((resolve) => {
        look = () => {
          if ((counts.get(name) ?? 0) >= count) resolve();
        };
        look();
      }),
  };
}

/** A log, and the first line in it that matches, past or future. */
function listener() {
  const lines: string[] = [];
  let look = (): void => {};
  return {
    log: makeLog(
      (line) => {
        lines.push(line);
        look();
      },
      "text",
      "info",
    ),
    line: (pattern: RegExp) =>
      new Promise<string>((resolve) => {
        look = () => {
          const found = lines.find((line) => pattern.test(line));
          if (found !== undefined) resolve(found);
        };
        look();
      }),
  };
}

test("while the files of two workers differ, each account is run by the one that knows it", async () => {
  await using redis = await startRedis();
  const { log } = listener();
  await using one = new BullQueue(redis.url, LIMITS, log);
  await using other = new BullQueue(redis.url, LIMITS, log);
  const [ann, ben] = [counter(), counter()];
  await one.put(every("ann"));
  await other.put(every("ben"));
  await Promise.all([one.start(ann.run), other.start(ben.run)]);
  await Promise.all([ann.reached("ann", 3), ben.reached("ben", 3)]);
  expect([...ann.counts.keys(), ...ben.counts.keys()]).toEqual(["ann", "ben"]);
});

test("while Redis is away the end waits for the runs under way, not for Redis", {
  timeout: 20_000,
}, async () => {
  await using redis = await startRedis();
  await using queue = new BullQueue(redis.url, LIMITS, listener().log);
  await queue.put(every("ann"));
  let end = (_due: number | null): void => {};
  const begun = new Promise<void>((resolve) => {
    void queue.start((_name) => {
      resolve();
      return new Promise((ended) => {
        end = ended;
      });
    });
  });
  await begun;
  await redis.kill();
  let stopped = false;
  const stopping = queue.stop().then(() => {
    stopped = true;
  });
  await redis.stop();
  expect(stopped).toBe(false);
  end(null);
  await stopping;
});

test("a queue whose Redis was never there ends at once", { timeout: 20_000 }, async () => {
  await using queue = new BullQueue("redis://127.0.0.1:1", LIMITS, listener().log);
  await queue.start(async () => null);
  await queue.stop();
});

test("an account that was removed while nobody could tell Redis is taken out of it", async () => {
  await using redis = await startRedis();
  const { log, line } = listener();
  {
    await using before = new BullQueue(redis.url, LIMITS, log);
    for (const name of ["ann", "gone: away"]) await before.put(every(name));
  }
  await using after = new BullQueue(redis.url, LIMITS, log, 500);
  const ann = counter();
  await after.put(every("ann"));
  await after.start(ann.run);
  await line(/gone: away: warn: queue: taken out of Redis, no worker knows it/);
  const client = new Redis(redis.url);
  expect(await client.zrange("mailonce:runs:repeat", "0", "-1")).toEqual(["ann"]);
  client.disconnect();
  const { counts } = ann;
  await ann.reached("ann", (counts.get("ann") ?? 0) + 2);
  expect([...counts.keys()]).toEqual(["ann"]);
});
