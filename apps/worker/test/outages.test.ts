import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { startMariaDb, startPop3Server, startRedis, temporaryFolder } from "@mailonce/testkit";
import { afterAll, expect, test } from "vitest";
import { startReceiver } from "./distributed/receiver.ts";
import { mail, place, statusOf, urlOf } from "./place.ts";

const folder = temporaryFolder("mailonce-outages-");
afterAll(() => folder.remove());

const LONG = { timeout: 120_000 };

test(
  "readyz says what is away, until it is back; the metrics are told meanwhile, and the end waits for nobody",
  LONG,
  async () => {
    await using mariaDb = await startMariaDb();
    await using redis = await startRedis({ parameters: ["--requirepass", "geheim"] });
    await using ann = await startPop3Server({ user: "ann" });
    const { mariadbUrl } = await mariaDb.createDatabase();
    const here = place(folder);
    here.write(
      { ann: { url: urlOf(ann) } },
      { database: mariadbUrl, worker: { queue: redis.url, listen: "127.0.0.1:0", shutdown: "1s" } },
    );
    await using worker = here.start({ MAILONCE_QUEUE_PASSWORD: "geheim" });
    const status = await statusOf(worker);
    await worker.line(/^ann: 0 stored/);
    const ready = async () => (await status.get("/readyz")).text;
    await expect.poll(ready, { timeout: 20_000 }).toBe("ok\n");

    await mariaDb.pause();
    await expect.poll(ready, { timeout: 20_000 }).toContain("the database does not answer");
    expect(await status.metric("mailonce_ready")).toEqual({ "": 0 });
    expect((await status.metric("mailonce_lag_seconds_max"))[""]).toBeGreaterThan(0);
    expect(await status.metric("mailonce_accounts")).toEqual({});
    expect(await status.get("/healthz")).toEqual({ status: 200, text: "ok\n" });
    mariaDb.resume();
    await expect.poll(ready, { timeout: 30_000 }).toBe("ok\n");

    await mariaDb.kill();
    await expect.poll(ready, { timeout: 20_000 }).toContain("the database does not answer");
    await mariaDb.start();
    await expect.poll(ready, { timeout: 30_000 }).toBe("ok\n");

    await redis.kill();
    await expect.poll(ready, { timeout: 20_000 }).toContain("Redis cannot be reached");
    await redis.start();
    await expect.poll(ready, { timeout: 20_000 }).toBe("ok\n");
    const { length } = ann.sessions;
    await ann.waitFor(({ sessions }) => sessions.length > length + 1);

    await mariaDb.pause();
    await expect.poll(ready, { timeout: 20_000 }).toContain("the database does not answer");
    worker.child.kill("SIGTERM");
    const code = await worker.end();
    expect([code, worker.lines.filter((line) => line.startsWith("fatal"))]).toEqual([0, []]);
    mariaDb.resume();
    expect(worker.lines.join("\n")).not.toContain("geheim");
  },
);

test("workers of one queue know of each other and find nothing wrong with it", LONG, async () => {
  await using mariaDb = await startMariaDb();
  await using redis = await startRedis();
  await using ann = await startPop3Server({ user: "ann" });
  const { mariadbUrl } = await mariaDb.createDatabase();
  const here = place(folder);
  const configuration = { database: mariadbUrl, worker: { queue: redis.url, listen: "127.0.0.1:0" } };
  here.write({ ann: { url: urlOf(ann) } }, configuration);
  await using one = here.start();
  await one.line(/^started/);
  await using other = here.start();
  const status = await statusOf(other);
  await other.line(/^started/);
  expect(await status.metric("mailonce_workers")).toEqual({ "": 2 });
  expect(other.lines.join("\n")).not.toContain("another worker");
  // Whichever made the run: both know of it.
  await expect
    .poll(async () => (await status.metric("mailonce_lag_seconds"))["maildrop=ann"] ?? Number.NaN, {
      timeout: 20_000,
    })
    .toBeLessThan(5);
  // One that has no queue is a stranger to both.
  const alone = place(folder);
  alone.write({ ann: { url: urlOf(ann) } }, { database: mariadbUrl });
  await using stranger = alone.start();
  await stranger.line(/^warn: another worker .* not by the same queue/);
  await one.line(/^warn: another worker .* not by the same queue/);
});

test("an account that was paused in the queue's time goes on in seconds, and all of them paused is no trouble", async () => {
  await using ann = await startPop3Server({ user: "ann" });
  const here = place(folder);
  here.write({ ann: { url: urlOf(ann), schedule: "1h" } }, { worker: { listen: "127.0.0.1:0" } });
  await here.mailonce("accounts", "pause", "ann");
  await using worker = here.start();
  const status = await statusOf(worker);
  expect(await worker.line(/^started/)).toContain("started: 1 account (paused: ann)");
  expect(await status.get("/readyz")).toEqual({ status: 200, text: "ok\n" });
  expect(await status.metric("mailonce_lag_seconds_max")).toEqual({ "": 0 });
  await here.mailonce("accounts", "resume", "ann");
  await ann.waitFor(({ sessions }) => sessions.length > 0);
});

test("a clock that is set forward is told, and nobody waits in the old time", async () => {
  await using ann = await startPop3Server({ user: "ann" });
  const here = place(folder);
  here.write({ ann: { url: urlOf(ann), schedule: "30m" } });
  const loading = `--import ${pathToFileURL(join(import.meta.dirname, "set-clock-forward.mjs")).href}`;
  await using worker = here.start({ NODE_OPTIONS: loading });
  await worker.line(/^ann: 0 stored/);
  worker.child.kill("SIGUSR2");
  await worker.line(
    /^warn: the system's clock was set forward by 60 min, or the machine slept: all accounts are planned again/,
  );
  await ann.waitFor(({ sessions }) => sessions.length > 1);
});

test("places are as many as the file says now, without a new start", async () => {
  const servers = await Promise.all(["ann", "ben"].map((user) => startPop3Server({ user })));
  const [ann, ben] = servers;
  const here = place(folder);
  const hold = { at: { verb: "UIDL" }, do: "hold", until: () => new Promise<void>(() => {}) } as const;
  for (const server of servers) server.faults = [hold];
  const accounts = Object.fromEntries(servers.map((server) => [server.user, { url: urlOf(server) }]));
  here.write(accounts, { concurrency: 1, worker: { shutdown: "1s" } });
  await using worker = here.start();
  const count = (): number => servers.reduce((sum, { sessions }) => sum + sessions.length, 0);
  await expect.poll(count, { timeout: 30_000 }).toBe(1);
  here.write(accounts, { concurrency: 2, worker: { shutdown: "1s" } });
  await worker.line(/^configuration read again/);
  await expect.poll(count, { timeout: 30_000 }).toBe(2);
  worker.child.kill("SIGTERM");
  expect(await worker.end()).toBe(0);
  for (const server of [ann, ben]) await server?.[Symbol.asyncDispose]();
});

test("no log of any level, no metric and no status holds a secret", async () => {
  const secrets = ["pass-geheim", "token-geheim", "whsec_Z2VoZWlt", "hook-geheim"];
  await using ann = await startPop3Server({ user: "ann", password: "pass-geheim" });
  await using ben = await startPop3Server({ user: "ben", password: "other" });
  await using receiver = await startReceiver((n) => n === 1);
  ann.maildrop.deliver(mail("one"));
  const here = place(folder);
  const hooks = {
    web: { webhook: `${receiver.url}?token=hook-geheim`, secret: { env: "SIGNING" } },
    down: { webhook: "http://127.0.0.1:1/hook-geheim" },
  };
  here.write(
    {
      ann: { url: urlOf(ann), password: { env: "PASS" }, hooks },
      ben: { url: urlOf(ben), password: { env: "PASS" } },
      carl: { url: urlOf(ann), maildrop: "carl", password: { command: "echo pass-geheim; exit 3" } },
    },
    { worker: { listen: "127.0.0.1:0" } },
  );
  await using worker = here.start({
    PASS: "pass-geheim",
    SIGNING: "whsec_Z2VoZWlt",
    MAILONCE_TOKEN_KEY: "token-geheim",
  });
  const status = await statusOf(worker);
  await worker.line(/^ann: 1 stored/);
  await worker.line(/^ann: warn: hook web: answered with status 503/);
  await worker.line(/^ann: warn: hook down: /);
  await worker.line(/^ben: error: paused/);
  await worker.line(/^carl: warn: /);
  worker.child.kill("SIGHUP");
  await worker.line(/^configuration read again: SIGHUP/);
  const told = [
    ...worker.lines,
    (await status.get("/metrics")).text,
    (await status.get("/readyz")).text,
  ].join("\n");
  for (const secret of secrets) expect(told).not.toContain(secret);
});
