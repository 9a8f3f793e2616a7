import { type Redis as StartedRedis, startRedis } from "@mailonce/testkit";
import { Queue } from "bullmq";
import { Redis } from "ioredis";
import { expect, test } from "vitest";
import { makeLog } from "../src/log/log.ts";
import { BullQueue } from "../src/queue/bull-queue.ts";

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

/** Does something by a connection of its own. */
async function client(url: string, work: (client: Redis) => Promise<unknown>): Promise<void> {
  const connection = new Redis(url);
  await work(connection);
  connection.disconnect();
}

/** A log, and the first line in it that matches, past or future. */
function listener() {
  const lines: string[] = [];
  let look = (): void => {};
  return {
    lines,
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

const HOUR = 3_600_000;
/** Accounts' times as Redis has them: when each is due. */
async function dues(url: string): Promise<Readonly<Record<string, number>>> {
  const client = new Redis(url);
  const found = await client.zrange("mailonce:runs:repeat", "0", "-1", "WITHSCORES");
  client.disconnect();
  return Object.fromEntries(
    found.flatMap((name, n) => (n % 2 === 0 ? [[name, Number(found[n + 1])] as const] : [])),
  );
}

test.each([
  ["is flushed", async (redis: StartedRedis) => void (await client(redis.url, (each) => each.flushall()))],
  [
    "is started again with nothing",
    async (redis: StartedRedis) => {
      await redis.kill("SIGTERM");
      await redis.start();
    },
  ],
])("when Redis %s, accounts are due as the database says", { timeout: 30_000 }, async (_what, forget) => {
  await using redis = await startRedis({ parameters: ["--appendonly", "no"] });
  const { log, line } = listener();
  await using queue = new BullQueue(redis.url, LIMITS, log);
  const known = new Map([
    ["ann", Date.now() + HOUR],
    ["ben", Date.now() + 2 * HOUR],
  ]);
  const ann = counter();
  for (const name of known.keys()) await queue.put({ ...every(name), everyMs: HOUR });
  await queue.start(
    async (name) => {
      await ann.run(name);
      return Date.now() + 3 * HOUR;
    },
    async (names) =>
      new Map(names.flatMap((name) => (known.has(name) ? [[name, known.get(name) ?? 0]] : []))),
  );
  await ann.reached("ann", 1);
  await ann.reached("ben", 1);
  // Another worker has run them since: what this one remembers is too late.
  known.set("ann", Date.now());
  await forget(redis);
  await line(/queue: told Redis again of 2 accounts/);
  await ann.reached("ann", 2);
  await expect.poll(async () => (await dues(redis.url))["ben"], { timeout: 20_000 }).toBe(known.get("ben"));
});

test("an account that a wrong clock has put far ahead is planned again, one that is rare is left alone", {
  timeout: 30_000,
}, async () => {
  await using redis = await startRedis();
  const { log, line } = listener();
  await using queue = new BullQueue(redis.url, LIMITS, log, undefined, { searchMs: 1 });
  const now = Date.now();
  const rare = now + 7 * 24 * HOUR;
  const tasks = [
    { ...every("ann: wrong"), due: now + 24 * HOUR, everyMs: 60_000 },
    { ...every("weekly"), due: rare, everyMs: HOUR },
    { ...every("unknown"), due: now + 24 * HOUR, everyMs: 60_000 },
    { ...every("over"), due: Number.POSITIVE_INFINITY, everyMs: HOUR },
  ];
  for (const task of tasks) await queue.put(task);
  const ann = counter();
  await queue.start(
    async (name) => {
      await ann.run(name);
      return null;
    },
    async () =>
      new Map([
        ["ann: wrong", now],
        ["weekly", rare],
        ["over", Number.POSITIVE_INFINITY],
      ]),
  );
  await line(/ann: wrong: warn: queue: due later than it can be/);
  await ann.reached("ann: wrong", 1);
  expect(await dues(redis.url)).toMatchObject({ weekly: rare, unknown: now + 24 * HOUR });
  expect([...ann.counts.keys()]).toEqual(["ann: wrong"]);
});

test("a job that a worker whose clock was ahead has looked at is passed on, not spun around", async () => {
  await using redis = await startRedis();
  await using queue = new BullQueue(redis.url, LIMITS, listener().log);
  const connection = new Redis(redis.url, { maxRetriesPerRequest: null });
  const jobs = new Queue("runs", { prefix: "mailonce", connection });
  const { id = "" } = await jobs.add("run", { name: "ben", unknownSince: Date.now() + 24 * HOUR });
  await queue.start(async () => null);
  await expect.poll(async () => (await jobs.getDelayed()).length, { timeout: 20_000 }).toBe(1);
  // Half a second, or a little more: not a time that was hours ago.
  const job = await jobs.getJob(id);
  expect((job?.timestamp ?? 0) + (job?.delay ?? 0)).toBeGreaterThan(Date.now() - 10_000);
  await jobs.close();
  connection.disconnect();
});

test.each([
  ["none", "", undefined, /Redis refuses the login/],
  ["a wrong one in the URL", ":wrong@", undefined, /Redis refuses the login/],
  ["a wrong one in the environment", "", "wrong", /Redis refuses the login/],
  ["the right one in the environment", "", "se/cret%", /Redis is there/],
  ["the right one for the URL's user", "default@", "se/cret%", /Redis is there/],
  ["the right one in the URL, whatever the environment says", ":se%2Fcret%25@", "wrong", /Redis is there/],
])(
  "a Redis that wants a password and gets %s: that is what the log says",
  async (_what, user, password, expected) => {
    await using redis = await startRedis({ parameters: ["--requirepass", "se/cret%"] });
    const { log, line, lines } = listener();
    await using queue = new BullQueue(redis.url.replace("//", `//${user}`), LIMITS, log, undefined, {
      password,
    });
    await queue.start(async () => null);
    await line(expected);
    if (/refuses/.test(String(expected))) expect(queue.trouble).toContain("MAILONCE_QUEUE_PASSWORD");
    expect(lines.join("\n")).not.toMatch(/wrong|cret%/);
  },
);

test("while Redis is away the queue is in trouble, but it does not hang", { timeout: 20_000 }, async () => {
  await using redis = await startRedis();
  const { log, line } = listener();
  await using queue = new BullQueue(redis.url, LIMITS, log);
  const ann = counter();
  await queue.put(every("ann"));
  await queue.start(ann.run);
  await ann.reached("ann", 2);
  expect(queue.lateMs).toBe(0);
  await redis.kill();
  await line(/Redis cannot be reached/);
  expect(queue.trouble).toBe("Redis cannot be reached");
  expect(queue.lateMs).toBe(0);
  await redis.start();
  await line(/Redis is there/);
  await ann.reached("ann", 4);
});
