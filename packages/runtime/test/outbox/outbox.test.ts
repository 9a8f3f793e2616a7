import { createHmac } from "node:crypto";
import { once } from "node:events";
import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { fetchMaildrop } from "@mailonce/core";
import { InMemoryMaildrop, InMemorySpool } from "@mailonce/core/memory";
import { startRedis, temporaryFolder } from "@mailonce/testkit";
import { sharedMariaDb } from "@mailonce/testkit/vitest";
import { openStore, type TypeormStore } from "@mailonce/typeorm";
import { Queue } from "bullmq";
import { afterAll, describe, expect, test } from "vitest";
import type { HookSettings } from "../../src/account/settings.ts";
import { OutboxDeliverer } from "../../src/outbox/outbox-deliverer.ts";
import { pruneOutbox } from "../../src/outbox/prune.ts";
import { SimulatedClock } from "../service/simulated-clock.ts";

const MINUTE = 60_000;
const folder = temporaryFolder("mailonce-outbox-");
afterAll(() => folder.remove());

/** What a webhook was told. */
interface Told {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  readonly subject: string;
}

/** A real HTTP server that answers as it is told to. */
async function startReceiver(answer: (n: number) => number | "hang" = () => 204) {
  const told: Told[] = [];
  const server = createServer((request, response) => {
    let body = "";
    request.setEncoding("utf8").on("data", (text: string) => {
      body += text;
    });
    request.on("end", () => {
      const { data } = JSON.parse(body);
      told.push({ headers: request.headers, body, subject: data.subject });
      const status = answer(told.length);
      if (status === "hang") return;
      response.writeHead(status, { location: "http://127.0.0.1:1/elsewhere" }).end();
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/mail`,
    told,
    subjects: () => told.map(({ subject }) => subject),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function sqlite(): Promise<TypeormStore> {
  return openStore({ url: `sqlite:${join(folder.path, `${Math.random().toString(36).slice(2)}.sqlite`)}` });
}

async function mariadb(): Promise<TypeormStore> {
  return openStore({ url: (await sharedMariaDb().createDatabase()).mariadbUrl });
}

/** Stores messages of these subjects in the maildrop, as a run does. */
async function store(
  store: TypeormStore,
  maildrop: string,
  subjects: readonly string[],
  hooks: readonly string[],
) {
  const server = new InMemoryMaildrop();
  for (const subject of subjects)
    server.deliver(`Received: by mx.example.org\r\nSubject: ${subject}\r\n\r\nHello ${subject}.\r\n`);
  const run = fetchMaildrop({
    session: server.connect(),
    store,
    maildrop,
    spool: new InMemorySpool(),
    hooks,
  });
  for await (const _outcome of run);
}

async function all({ outbox }: TypeormStore) {
  const entries = [];
  for await (const entry of outbox.entries()) entries.push(entry);
  return entries;
}

function deliverer(
  store: TypeormStore,
  hooks: readonly HookSettings[],
  clock = new SimulatedClock("2030-01-01T00:00:00Z"),
) {
  const { signal } = new AbortController();
  const hook = (_maildrop: string, name: string) => hooks.find((one) => one.name === name) ?? null;
  return new OutboxDeliverer({ store, hook, env: { ...process.env, SIGNING: "secret" }, signal, clock });
}

const web = (url: string, timeoutMs = 5000): HookSettings => {
  return { kind: "webhook", name: "web", url, secret: { kind: "env", name: "SIGNING" }, timeoutMs };
};

/** A program that writes what it was given to a file. */
function program(script: string): { readonly command: readonly string[]; readonly output: string } {
  const file = join(folder.path, `${Math.random().toString(36).slice(2)}.mjs`);
  const output = `${file}.out`;
  writeFileSync(
    file,
    `import { appendFileSync, readFileSync } from "node:fs";\nconst output = ${JSON.stringify(output)};\n${script}`,
  );
  chmodSync(file, 0o700);
  return { command: [process.execPath, file, "$HOME; `id`"], output };
}

describe.each([
  ["SQLite", sqlite],
  ["MariaDB", mariadb],
])("the outbox on %s", (_name, open) => {
  test("a webhook is told of each message once, in order, signed so that it can be verified", async () => {
    await using database = await open();
    await using receiver = await startReceiver();
    const subjects = Array.from({ length: 45 }, (_, n) => `number ${n}`);
    await store(database, "ann", subjects, ["web"]);
    await using outbox = deliverer(database, [web(receiver.url)]);
    expect(await outbox.deliverDue()).toEqual({ delivered: 45, failed: 0 });
    expect(receiver.subjects()).toEqual(subjects);
    expect(await outbox.deliverDue()).toEqual({ delivered: 0, failed: 0 });
    const [first] = receiver.told;
    const {
      "webhook-id": id,
      "webhook-timestamp": time,
      "webhook-signature": signature,
    } = first?.headers ?? {};
    const hmac = createHmac("sha256", "secret").update(`${id}.${time}.${first?.body}`).digest("base64");
    expect(signature).toBe(`v1,${hmac}`);
    expect(JSON.parse(first?.body ?? "")).toMatchObject({
      type: "message.stored",
      idempotencyKey: id,
      data: { maildrop: "ann", subject: "number 0", octets: expect.any(Number) },
    });
    expect(new Set(receiver.told.map(({ headers }) => headers["idempotency-key"])).size).toBe(45);
    expect(await database.outbox.depth()).toEqual({ pending: 0, dead: 0, oldest: null });
  });

  test("a receiver that fails is tried again later with the same key, and its maildrop's order is kept", async () => {
    await using database = await open();
    const clock = new SimulatedClock("2030-01-01T00:00:00Z");
    await using receiver = await startReceiver((n) => (n === 2 || n === 3 ? 503 : 200));
    await store(database, "ann", ["one", "two", "three"], ["web"]);
    await using outbox = deliverer(database, [web(receiver.url)], clock);
    expect(await outbox.deliverDue()).toEqual({ delivered: 1, failed: 1 });
    expect(await outbox.deliverDue()).toEqual({ delivered: 0, failed: 0 });
    await clock.pass(5000);
    expect(receiver.subjects()).toEqual(["one", "two"]);
    await clock.pass(MINUTE);
    await outbox.deliverDue();
    await clock.pass(MINUTE);
    await outbox.deliverDue();
    expect(receiver.subjects()).toEqual(["one", "two", "two", "two", "three"]);
    expect(new Set(receiver.told.slice(1, 4).map(({ headers }) => headers["webhook-id"])).size).toBe(1);
  });

  test("a hook whose secret is missing is waited for, for weeks, and no attempt is counted", async () => {
    await using database = await open();
    const clock = new SimulatedClock("2030-01-01T00:00:00Z");
    await using receiver = await startReceiver();
    await store(database, "ann", ["one", "two"], ["web"]);
    const { signal } = new AbortController();
    const env: Record<string, string> = {};
    await using outbox = new OutboxDeliverer({
      store: database,
      hook: () => web(receiver.url),
      env,
      signal,
      clock,
    });
    for (let days = 0; days < 21; days++) {
      expect(await outbox.deliverDue()).toEqual({ delivered: 0, failed: 1 });
      await clock.pass(24 * 60 * MINUTE);
    }
    expect(await all(database)).toMatchObject([
      { state: "pending", attempts: 0, reason: { code: "secret" } },
      { state: "pending", attempts: 0, reason: null },
    ]);
    expect([...(await database.outbox.failing())]).toEqual([["secret", 1]]);
    env["SIGNING"] = "secret";
    expect(await outbox.deliverDue()).toEqual({ delivered: 2, failed: 0 });
    expect(receiver.subjects()).toEqual(["one", "two"]);
    expect((await database.outbox.failing()).size).toBe(0);
  });

  test("a delivery that fails for a day and a half is given up, the next goes on, and a person may retry it", async () => {
    await using database = await open();
    const clock = new SimulatedClock("2030-01-01T00:00:00Z");
    let broken = true;
    const refused = new Set<string>();
    await using receiver = await startReceiver(() => 200);
    const bad = { kind: "exec", name: "web", command: ["/nowhere/program"], timeoutMs: 1000 } as const;
    await store(database, "ann", ["one", "two"], ["web"]);
    const { signal } = new AbortController();
    await using outbox = new OutboxDeliverer({
      store: database,
      hook: () => (broken ? bad : web(receiver.url)),
      env: { ...process.env, SIGNING: "secret" },
      signal,
      clock,
      onAttempt: (entry) => refused.add(entry.messageId),
    });
    for (let hours = 0; hours < 48; hours++) {
      await outbox.deliverDue();
      if ((await database.outbox.depth()).dead === 1) break;
      expect(refused.size).toBe(1);
      await clock.pass(60 * MINUTE);
    }
    expect(await database.outbox.depth()).toMatchObject({ pending: 1, dead: 1 });
    broken = false;
    await clock.pass(7 * 60 * MINUTE);
    await outbox.deliverDue();
    expect(receiver.subjects()).toEqual(["two"]);
    const dead = [];
    for await (const entry of database.outbox.entries({ states: ["dead"] })) dead.push(entry);
    expect(dead).toMatchObject([
      {
        hook: "web",
        maildrop: "ann",
        reason: { code: "no-program", message: expect.stringContaining("ENOENT") },
      },
    ]);
    await database.outbox.retry(dead, new Date(clock.now()));
    await outbox.deliverDue();
    expect(receiver.subjects()).toEqual(["two", "one"]);
  });

  test("one slow maildrop holds no other up, and no two deliverers tell of one message at the same time", async () => {
    await using database = await open();
    await using receiver = await startReceiver();
    for (const name of ["ann", "ben", "cem"])
      await store(database, name, [`${name} 1`, `${name} 2`, `${name} 3`], ["web"]);
    const deliverers = [1, 2, 3].map(() => deliverer(database, [web(receiver.url)]));
    await Promise.all(deliverers.map((one) => one.deliverDue()));
    for (const one of deliverers) await one[Symbol.asyncDispose]();
    expect(receiver.subjects().toSorted((a, b) => a.localeCompare(b))).toEqual(
      ["ann", "ben", "cem"].flatMap((name) => [1, 2, 3].map((n) => `${name} ${n}`)),
    );
    for (const name of ["ann", "ben", "cem"]) {
      const own = receiver.subjects().filter((subject) => subject.startsWith(name));
      expect(own).toEqual([1, 2, 3].map((n) => `${name} ${n}`));
    }
  });

  test("what was delivered long ago is forgotten and nobody is told again; what waits or was given up stays", async () => {
    await using database = await open();
    const clock = new SimulatedClock("2030-01-01T00:00:00Z");
    await using receiver = await startReceiver();
    const { signal } = new AbortController();
    const prune = () => pruneOutbox(database.outbox, 14 * 24 * 60 * MINUTE, { signal, clock });
    // More than are removed at a time.
    const many = Array.from({ length: 1101 }, (_, n) => `number ${n}`);
    await store(database, "ann", many, ["told", "untold"]);
    for (const [n, entry] of (await all(database)).entries()) {
      const reason = { code: "http-status", message: "answered with status 410" };
      if (entry.hook === "told")
        await database.outbox.settle(entry, { state: "delivered", at: new Date(clock.now() + n) });
      else if (n % 3 === 0) await database.outbox.settle(entry, { state: "dead", due: null, reason });
    }
    await clock.pass(13 * 24 * 60 * MINUTE);
    await store(database, "ben", ["late"], ["told"]);
    await using outbox = deliverer(database, [{ ...web(receiver.url), name: "told" }], clock);
    await outbox.deliverDue();
    expect(receiver.subjects()).toEqual(["late"]);
    expect(await prune()).toBe(0);
    await clock.pass(2 * 24 * 60 * MINUTE);
    expect(await prune()).toBe(1101);
    const left = await all(database);
    expect(left.filter(({ hook }) => hook === "told")).toMatchObject([
      { maildrop: "ben", state: "delivered" },
    ]);
    expect(left.filter(({ hook }) => hook === "untold")).toHaveLength(1101);
    await outbox.deliverDue();
    expect(receiver.subjects()).toEqual(["late"]);
    await database.outbox.drop(left);
    expect(await all(database)).toMatchObject([{ maildrop: "ben", state: "delivered" }]);
  });

  test("what a deliverer that died had taken is due again when its claim is over", async () => {
    await using database = await open();
    const clock = new SimulatedClock("2030-01-01T00:00:00Z");
    await using receiver = await startReceiver();
    await store(database, "ann", ["one", "two"], ["web"]);
    expect(await database.outbox.claim(new Date(clock.now()), MINUTE)).toHaveLength(2);
    await using outbox = deliverer(database, [web(receiver.url)], clock);
    await outbox.deliverDue();
    expect(receiver.told).toHaveLength(0);
    await clock.pass(MINUTE);
    await outbox.deliverDue();
    expect(receiver.subjects()).toEqual(["one", "two"]);
  });
});

describe("a hook", () => {
  test("that hangs is given up at its time limit", async () => {
    await using database = await sqlite();
    await using receiver = await startReceiver(() => "hang");
    await store(database, "ann", ["one"], ["web"]);
    await using outbox = deliverer(database, [web(receiver.url, 100)]);
    expect(await outbox.deliverDue()).toEqual({ delivered: 0, failed: 1 });
    const [entry] = await database.outbox.find("");
    expect(entry?.reason).toEqual({ code: "timeout", message: "no answer within 0 seconds" });
  });

  test("that redirects is not followed, and that is gone is told no more", async () => {
    await using database = await sqlite();
    await using receiver = await startReceiver((n) => (n === 1 ? 302 : 410));
    await store(database, "ann", ["one"], ["web"]);
    await store(database, "ben", ["two"], ["web"]);
    await using outbox = deliverer(database, [web(receiver.url)]);
    await outbox.deliverDue();
    expect(receiver.told).toHaveLength(2);
    const states = (await database.outbox.find("")).map(({ state }) => state);
    expect(states.toSorted((a, b) => a.localeCompare(b))).toEqual(["dead", "pending"]);
  });

  test("that is a program gets the message as it arrived, no shell and no secret", async () => {
    await using database = await sqlite();
    const { command, output } = program(`
      const { MAILONCE_MAILDROP, MAILONCE_HOOK, SIGNING } = process.env;
      const message = readFileSync(0, "latin1");
      appendFileSync(output, JSON.stringify([message, process.argv[2], MAILONCE_MAILDROP, MAILONCE_HOOK, SIGNING]));`);
    await store(database, "ann", ["one"], ["run"]);
    await using outbox = deliverer(database, [{ kind: "exec", name: "run", command, timeoutMs: 10_000 }]);
    expect(await outbox.deliverDue()).toEqual({ delivered: 1, failed: 0 });
    expect(JSON.parse(readFileSync(output, "utf8"))).toEqual([
      "Received: by mx.example.org\r\nSubject: one\r\n\r\nHello one.\r\n",
      "$HOME; `id`",
      "ann",
      "run",
      null,
    ]);
  });

  test("that is a program may end without reading, fail, or be ended with what it started", async () => {
    await using database = await sqlite();
    const clock = new SimulatedClock("2030-01-01T00:00:00Z");
    const hooks: HookSettings[] = [
      { kind: "exec", name: "deaf", command: program("").command, timeoutMs: 10_000 },
      {
        kind: "exec",
        name: "fails",
        command: program(`console.error("no room"); process.exit(75);`).command,
        timeoutMs: 10_000,
      },
      {
        kind: "exec",
        name: "hangs",
        command: program(`
          const { spawn } = await import("node:child_process");
          const child = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"], { stdio: "inherit" });
          appendFileSync(output, String(child.pid));
          setInterval(() => {}, 1000);`).command,
        timeoutMs: 1500,
      },
    ];
    await store(database, "ann", ["one"], ["deaf", "fails", "hangs"]);
    await using outbox = deliverer(database, hooks, clock);
    expect(await outbox.deliverDue()).toEqual({ delivered: 1, failed: 2 });
    const reasons = Object.fromEntries(
      (await database.outbox.find("")).map(({ hook, reason }) => [hook, reason]),
    );
    expect(reasons).toEqual({
      deaf: null,
      fails: { code: "exit-status", message: expect.stringMatching(/ended with status 75: no room$/) },
      hangs: { code: "timeout", message: expect.stringMatching(/did not end within 2 seconds$/) },
    });
  });

  test("that is a queue gets one job for each message, under the idempotency key", async () => {
    await using redis = await startRedis();
    await using database = await sqlite();
    await store(database, "ann", ["one", "two"], ["jobs"]);
    const hook: HookSettings = { kind: "queue", name: "jobs", url: redis.url, queue: "mail" };
    await using outbox = deliverer(database, [hook]);
    expect(await outbox.deliverDue()).toEqual({ delivered: 2, failed: 0 });
    const queue = new Queue("mail", { connection: { host: "127.0.0.1", port: redis.port } });
    const jobs = await queue.getWaiting();
    await queue.close();
    const keys = new Set((await database.outbox.find("")).map(({ idempotencyKey }) => idempotencyKey));
    expect(new Set(jobs.map(({ id }) => id))).toEqual(keys);
    expect(jobs.map(({ name, data }) => [name, data.data.subject])).toContainEqual(["message.stored", "one"]);
  });

  test("that is no longer configured waits, and is told as soon as it is there again", async () => {
    await using database = await sqlite();
    const clock = new SimulatedClock("2030-01-01T00:00:00Z");
    await using receiver = await startReceiver();
    await store(database, "ann", ["one"], ["web"]);
    {
      await using outbox = deliverer(database, [], clock);
      for (let n = 0; n < 30; n++) {
        await outbox.deliverDue();
        await clock.pass(15 * MINUTE);
      }
    }
    expect(await database.outbox.depth()).toMatchObject({ pending: 1, dead: 0 });
    await using outbox = deliverer(database, [web(receiver.url)], clock);
    await outbox.deliverDue();
    expect(receiver.subjects()).toEqual(["one"]);
  });
});
