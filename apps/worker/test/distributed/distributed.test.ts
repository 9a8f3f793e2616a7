import { expect, test } from "vitest";
import { Installation, sorted } from "./installation.ts";
import { overlaps } from "./login-log.ts";

/** The long form (npm run test:worker) repeats the disturbances and has time for slow recoveries. */
const rounds = Number(process.env["MAILONCE_TEST_WORKER_ROUNDS"] ?? 1);
const INTERVAL_MS = 8000;

test("three workers serve sixty accounts, whatever happens to workers, Redis and MariaDB", {
  timeout: 120_000 + rounds * 60_000,
}, async () => {
  await using all = await Installation.start({ accounts: 60, workers: 3, intervalMs: INTERVAL_MS });
  await all.deliver("first");
  for (let n = 0; n < 3; n++) all.startWorker();
  await all.until("some mail is stored", async () => (await all.stored().catch(() => [])).length > 5, 30_000);
  for (let round = 0; round < rounds; round++) {
    const [victim] = all.workers.splice(0, 1);
    victim?.child.kill("SIGKILL");
    await victim?.end();
    await all.deliver(`round ${round} after a worker's death`);
    all.startWorker();
    const seen = all.sessions.length;
    await all.until("others go on", () => all.sessions.length > seen + 5, 20_000);

    await all.redis.kill();
    await all.deliver(`round ${round} while Redis is away`);
    await all.redis.start();
    await all.redis.pause();
    const [second] = all.workers.splice(0, 1);
    second?.child.kill("SIGKILL");
    all.redis.resume();
    await second?.end();
    // One that finds no database at its start would end.
    await all.startWorker().line(/^started/);

    await all.mariaDb.kill();
    await all.deliver(`round ${round} while MariaDB is away`);
    await all.mariaDb.start();
    await all.mariaDb.pause();
    const before = all.sessions.length;
    // Nothing tells that it stands still: that is how long it does.
    await new Promise((resolve) => setTimeout(resolve, 1000));
    all.mariaDb.resume();
    await all.until("the runs go on", () => all.sessions.length > before + 5, 30_000);
  }

  // From here on nothing is disturbed: every account is served within twice its interval.
  await all.until("all is stored", async () => (await all.stored()).length >= all.expected.length, 40_000);
  const calm = Date.now();
  await all.deliver("last");
  const waited = await all.until(
    "the last message of every account is stored",
    async () => (await all.stored()).length >= all.expected.length,
    4 * INTERVAL_MS,
  );
  expect(waited).toBeLessThan(2 * INTERVAL_MS);
  expect(await all.stored()).toEqual(all.expected);
  const served = new Set(
    all.sessions.filter(({ login }) => login > calm - INTERVAL_MS).map(({ user }) => user),
  );
  expect(served.size).toBe(60);

  const found = overlaps(all.sessions, 500);
  const users = found.map((overlap) => overlap.split(":")[0] ?? "");
  const lines = all.dovecot.log().split("\n");
  expect(found, lines.filter((line) => users.some((user) => line.includes(user))).join("\n")).toEqual([]);

  // Every hook is told at least once, each message under one key.
  await all.until("all hooks are told", () => all.receiver.told.size >= all.expected.length, 40_000);
  expect(sorted([...all.receiver.told.values()])).toEqual(sorted([...all.delivered.values()].flat()));
  // In the order in which they were stored: a message that was being retrieved each time when a worker died is deferred
  // for a while, and the others go on.
  const inOrder = await all.storedInOrder();
  for (const user of all.users) expect(all.receiver.subjects(user)).toEqual(inOrder.get(user));

  for (const worker of all.workers) worker.child.kill("SIGTERM");
  for (const worker of all.workers) expect(await worker.end()).toBe(0);
});
