import { once } from "node:events";
import { chmodSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { freePort, startPop3Server, temporaryFolder } from "@mailonce/testkit";
import { afterAll, describe, expect, test } from "vitest";
import { startReceiver } from "./distributed/receiver.ts";
import { mail, place, statusOf, urlOf } from "./place.ts";

const folder = temporaryFolder("mailonce-operator-");
afterAll(() => folder.remove());

const listening = { worker: { listen: "127.0.0.1:0" } };

describe("accounts that are paused", () => {
  test("are named by the start line and counted, also after a restart, and each account is in one state", async () => {
    await using ann = await startPop3Server({ user: "ann", password: "other" });
    await using ben = await startPop3Server({ user: "ben" });
    await using eve = await startPop3Server({ user: "eve" });
    const here = place(folder);
    const accounts = { ann: { url: urlOf(ann) }, ben: { url: urlOf(ben) }, eve: { url: urlOf(eve) } };
    here.write(accounts, listening);
    {
      await using worker = here.start();
      await worker.line(/^ann: error: paused until its settings change/);
      await here.mailonce("accounts", "pause", "ben", "--reason", "on\nleave");
      await worker.line(/^ben: paused by hand: on leave; 'mailonce accounts resume ben' ends it$/);
    }
    await using worker = here.start();
    expect(await worker.line(/^started/)).toMatch(
      /^started: 3 accounts \(paused: ann, ben\), into SQLite file/,
    );
    await worker.line(
      /^ann: warn: paused until its settings change, or 'mailonce accounts resume ann': .*refused/,
    );
    await worker.line(/^ben: paused by hand: on leave/);
    const status = await statusOf(worker);
    const states = await status.metric("mailonce_accounts");
    expect(states["state=paused"]).toBe(2);
    expect(Object.values(states).reduce((sum, count) => sum + count, 0)).toBe(3);
    expect(await status.metric("mailonce_accounts_paused")).toEqual({
      "reason=login-refused": 1,
      "reason=by-hand": 1,
      "reason=same-mailbox": 0,
    });
    await here.mailonce("accounts", "resume", "ben");
    await worker.line(/^ben: no longer paused$/);
    expect(await status.metric("mailonce_accounts_paused")).toMatchObject({ "reason=by-hand": 0 });
    await ben.waitFor(({ sessions }) => sessions.length > 2);
  });

  test("are no reason to call the others late, and a restart does not make those look served", async () => {
    await using ann = await startPop3Server({ user: "ann", password: "other" });
    await using ben = await startPop3Server({ user: "ben" });
    const here = place(folder);
    here.write({ ann: { url: urlOf(ann) }, ben: { url: urlOf(ben), schedule: "1h" } }, listening);
    let before: number;
    {
      await using worker = here.start();
      await worker.line(/^ann: error: paused/);
      await worker.line(/^ben: 0 stored/);
      before = Date.now();
      worker.child.kill("SIGTERM");
      await worker.end();
    }
    await using worker = here.start();
    const status = await statusOf(worker);
    await worker.line(/^started/);
    const least = (Date.now() - before) / 1000;
    const lags = await status.metric("mailonce_lag_seconds");
    expect(Object.keys(lags)).toEqual(["maildrop=ben"]);
    expect(lags["maildrop=ben"]).toBeGreaterThanOrEqual(least);
    expect((await status.metric("mailonce_lag_seconds_max"))[""]).toBeGreaterThanOrEqual(least);
  });

  test("in another worker are noticed by this one, and so is that their password is right again", async () => {
    await using ann = await startPop3Server({ user: "ann", password: "new" });
    const here = place(folder);
    const secret = join(folder.path, "group-secret");
    writeFileSync(secret, "old\n", { mode: 0o600 });
    here.write({ ann: { url: urlOf(ann), password: { file: secret } } });
    await using one = here.start();
    await using other = here.start();
    // The one that was refused says so as an error, the other as soon as it notices; or both have tried at the same time.
    await Promise.all([one, other].map((worker) => worker.line(/^ann: (?:error|warn): paused until/)));
    writeFileSync(secret, "new\n", { mode: 0o600 });
    await Promise.all(
      [one, other].map((worker) => worker.line(/^ann: (?:its settings have changed: )?no longer paused/)),
    );
  });

  test("are told only once, whatever pause is laid on top of the other", async () => {
    await using ann = await startPop3Server({ user: "ann", password: "other" });
    await using ben = await startPop3Server({ user: "ben" });
    const here = place(folder);
    here.write({ ann: { url: urlOf(ann) }, ben: { url: urlOf(ben) } });
    await using worker = here.start();
    await worker.line(/^ann: error: paused/);
    await here.mailonce("accounts", "pause", "ann");
    await worker.line(/^ann: paused by hand; 'mailonce accounts resume ann' ends it/);
    await here.mailonce("accounts", "resume", "ann");
    await ann.waitFor(({ sessions }) => sessions.length > 1);
    await here.mailonce("accounts", "pause", "ben");
    await worker.line(/^ben: paused by hand/);
    // What its own runs have told it does not tell again.
    expect(worker.lines.filter((line) => /^ann: warn: paused/.test(line))).toEqual([]);
    expect(worker.lines.filter((line) => /^ann: error: paused/.test(line))).toHaveLength(2);
  });
});

describe("the configuration", () => {
  test("says what a reload has changed, and what holds from the next start on", async () => {
    await using ann = await startPop3Server({ user: "ann" });
    const here = place(folder);
    const url = urlOf(ann);
    here.write(
      {
        ann: { url, apart: true },
        ben: { url, apart: true, schedule: "1h" },
        carl: { url, apart: true, schedule: "1h" },
      },
      listening,
    );
    await using worker = here.start();
    const status = await statusOf(worker);
    await worker.line(/^ann: 0 stored/);
    here.write(
      {
        ann: { url, apart: true },
        ben: { url, apart: true, schedule: "2h" },
        dora: { url, apart: true, schedule: "1h" },
        ed: { url, apart: true, schedule: "never" },
      },
      { ...listening, concurrency: 9 },
    );
    await worker.line(
      /^configuration read again: the file has changed; added dora; changed ben; removed carl$/,
    );
    expect(await status.get("/readyz")).toEqual({ status: 200, text: "ok\n" });
    here.write(
      { ann: { url, apart: true } },
      {
        worker: { listen: "127.0.0.1:1", queue: "redis://127.0.0.1:1" },
        tokenKey: { env: "OTHER" },
        database: "sqlite:other.sqlite",
      },
    );
    await worker.line(/^warn: database, tokenKey, worker\.queue, worker\.listen: changed, .* next start on$/);
    const { status: code, text } = await status.get("/readyz");
    expect([code, text]).toEqual([
      200,
      expect.stringContaining("database, tokenKey, worker.queue, worker.listen: changed"),
    ]);
    expect(await status.metric("mailonce_configuration_restart_needed")).toEqual({ "": 1 });
    here.write({ ann: { url, apart: true } }, listening);
    await worker.line(/^configuration read again: .*; no account is other than before/);
    expect(await status.metric("mailonce_configuration_restart_needed")).toEqual({ "": 0 });
    expect(await status.get("/readyz")).toEqual({ status: 200, text: "ok\n" });
  });

  test("that was rejected is a metric and a line of readyz until it is right, however it was wrong", async () => {
    await using ann = await startPop3Server({ user: "ann" });
    const here = place(folder);
    here.write({ ann: { url: urlOf(ann) } }, listening);
    await using worker = here.start();
    const status = await statusOf(worker);
    await worker.line(/^ann: 0 stored/);
    expect(await status.metric("mailonce_configuration_rejected")).toEqual({ "": 0 });
    const wrong: readonly (readonly [() => void, RegExp])[] = [
      [() => rmSync(here.file), /configuration not changed: .*there is no such file/],
      [() => writeFileSync(here.file, "accounts: {", { mode: 0o600 }), /configuration not changed: .*:1/],
      [
        () => writeFileSync(here.file, "accounts: {}", { mode: 0o600 }),
        /configuration not changed: .*at least one account/,
      ],
    ];
    for (const [make, line] of wrong) {
      make();
      await worker.line(line);
      expect(await status.metric("mailonce_configuration_rejected")).toEqual({ "": 1 });
      expect(await status.get("/readyz")).toEqual({
        status: 200,
        text: expect.stringContaining("what it said before holds"),
      });
    }
    const logins = ann.sessions.length;
    await ann.waitFor(({ sessions }) => sessions.length > logins);
    here.write({ ann: { url: urlOf(ann) } }, listening);
    await worker.line(/^configuration read again/);
    expect(await status.metric("mailonce_configuration_rejected")).toEqual({ "": 0 });
  });

  test("of accounts in the database: what is added, and what cannot be understood, is told", async () => {
    await using ann = await startPop3Server({ user: "ann" });
    const here = place(folder);
    here.write({ ann: { url: urlOf(ann) } }, listening);
    await using worker = here.start();
    const status = await statusOf(worker);
    await worker.line(/^ann: 0 stored/);
    await here.mailonce("accounts", "add", "pop3s://ben@localhost", "--schedule", "1h");
    await worker.line(/^accounts read again: added ben@localhost$/);
    await here.mailonce("accounts", "remove", "ben@localhost");
    await worker.line(/^accounts read again: removed ben@localhost$/);
    expect(await status.metric("mailonce_accounts_rejected")).toEqual({ "": 0 });
    expect(await status.metric("mailonce_build_info")).toEqual({
      [`version=0.1.0,node=${process.versions.node}`]: 1,
    });
  });

  test("names no maildrop in the metrics where that is not wanted", async () => {
    await using ann = await startPop3Server({ user: "ann" });
    const here = place(folder);
    const worker = { listen: "127.0.0.1:0", metrics: { names: false } };
    here.write({ "ann@example.org": { url: urlOf(ann) } }, { worker });
    await using process = here.start();
    const status = await statusOf(process);
    await process.line(/^ann@example.org: 0 stored/);
    expect((await status.get("/metrics")).text).not.toContain("ann@");
    // It is read again with the rest.
    here.write({ "ann@example.org": { url: urlOf(ann) } }, listening);
    await process.line(/^configuration read again/);
    expect((await status.get("/metrics")).text).toContain('{maildrop="ann@example.org"}');
  });
});

describe("the start", () => {
  test("says nothing of having started where the port is taken", async () => {
    const taken: Server = createServer().listen(0, "127.0.0.1");
    await once(taken, "listening");
    const { port } = taken.address() as AddressInfo;
    const here = place(folder);
    here.write({ ann: { url: "pop3s://ann@localhost" } }, { worker: { listen: `127.0.0.1:${port}` } });
    await using worker = here.start();
    expect(await worker.end()).toBe(78);
    expect(worker.lines.filter((line) => !line.startsWith("new database "))).toEqual([
      expect.stringMatching(/^fatal: cannot listen on 127\.0\.0\.1 port \d+/),
    ]);
    taken.close();
  });

  test("of a second worker on one SQLite file is said in both, and one that was killed is in nobody's way", async () => {
    await using ann = await startPop3Server({ user: "ann" });
    const here = place(folder);
    here.write({ ann: { url: urlOf(ann) } });
    {
      await using killed = here.start();
      await killed.line(/^ann: 0 stored/);
    }
    await using worker = here.start();
    await worker.line(/^ann: 0 stored/);
    expect(worker.lines.join("\n")).not.toContain("another worker");
    await using second = here.start({ MAILONCE_LISTEN: "0" });
    await second.line(/^warn: another worker \(process \d+ on .*\) serves from this database/);
    const status = await statusOf(second);
    await second.line(/^started/);
    expect(await status.metric("mailonce_workers")).toEqual({ "": 2 });
    expect((await status.get("/readyz")).text).toContain("another worker serves from this database");
    await worker.line(/^warn: another worker \(process/);
    worker.child.kill("SIGTERM");
    expect(await worker.end()).toBe(0);
    await expect.poll(() => status.metric("mailonce_workers"), { timeout: 30_000 }).toEqual({ "": 1 });
  });

  test("takes MAILONCE_LISTEN before what the file says, and refuses what is none", async () => {
    await using ann = await startPop3Server({ user: "ann" });
    const here = place(folder);
    here.write({ ann: { url: urlOf(ann) } }, { worker: { listen: "127.0.0.1:1" } });
    const port = await freePort();
    await using worker = here.start({ MAILONCE_LISTEN: String(port) });
    expect(await worker.line(/^listening on/)).toBe(`listening on http://127.0.0.1:${port}`);
    await using wrong = here.start({ MAILONCE_QUEUE: "localhost:6379" });
    expect(await wrong.end()).toBe(78);
    expect(wrong.lines.join()).toContain("MAILONCE_QUEUE must be");
  });

  test("keeps a SIGHUP that comes too early, and dies of none at the end", async () => {
    await using ann = await startPop3Server({ user: "ann" });
    ann.maildrop.deliver(mail("one"));
    let release = (): void => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    ann.faults = [{ at: { verb: "RETR", times: 1 }, do: "hold", until: () => held }];
    const here = place(folder);
    here.write({ ann: { url: urlOf(ann) } }, listening);
    await using worker = here.start();
    // Before it says that it has started.
    await worker.line(/^listening on/);
    worker.child.kill("SIGHUP");
    await worker.line(/^configuration read again: SIGHUP/);
    await ann.waitFor(() => ann.count("RETR") > 0);
    worker.child.kill("SIGTERM");
    await worker.line(/^SIGTERM: ending/);
    worker.child.kill("SIGHUP");
    release();
    expect(await worker.end()).toBe(0);
    expect(worker.lines).toContain("ann: 1 stored, 0 known");
  });
});

describe("what is missing on this side", () => {
  test("a hook without its secret is told at the start, its deliveries wait, and go out when it is there", async () => {
    await using ann = await startPop3Server({ user: "ann" });
    await using receiver = await startReceiver(() => false);
    ann.maildrop.deliver(mail("one"));
    const here = place(folder);
    const secret = join(folder.path, "hook-secret");
    const hooks = { web: { webhook: receiver.url, secret: { file: secret } } };
    here.write({ ann: { url: urlOf(ann), hooks } }, listening);
    await using worker = here.start();
    const status = await statusOf(worker);
    await worker.line(
      /^ann: error: hook web: the secret of the hook web: there is no such file: .*; its deliveries wait/,
    );
    expect(await status.metric("mailonce_hook_secrets_missing")).toEqual({ "": 1 });
    await worker.line(/^ann: 1 stored/);
    await worker.line(/^ann: warn: hook web: the secret of the hook web/);
    expect(await status.metric("mailonce_hooks_failing")).toMatchObject({
      "reason=secret": 1,
      "reason=other": 0,
    });
    writeFileSync(secret, "whsec_c2VjcmV0", { mode: 0o600 });
    await worker.line(/^ann: hook web: its secret is there/);
    expect(await status.metric("mailonce_hook_secrets_missing")).toEqual({ "": 0 });
    const [, id = ""] = /^([0-9a-f]+) /m.exec(await here.mailonce("outbox", "list")) ?? [];
    await here.mailonce("outbox", "retry", id);
    await worker.line(/^ann: hook web: delivers again/);
    expect([...receiver.told.values()]).toEqual(["one"]);
    expect(await status.metric("mailonce_hooks_failing")).toMatchObject({ "reason=secret": 0 });
    expect(worker.lines.join("\n")).not.toContain("c2VjcmV0");
  });

  test("a hook that fails and recovers is told when it is well again", async () => {
    await using ann = await startPop3Server({ user: "ann" });
    await using receiver = await startReceiver((n) => n === 1);
    ann.maildrop.deliver(mail("one"));
    const here = place(folder);
    here.write({ ann: { url: urlOf(ann), hooks: { web: { webhook: receiver.url } } } }, listening);
    await using worker = here.start();
    const status = await statusOf(worker);
    await worker.line(/^ann: warn: hook web: answered with status 503/);
    expect(await status.metric("mailonce_hooks_failing")).toMatchObject({ "reason=http-status": 1 });
    // In which time the hook is taken out of the file, and comes back.
    here.write({ ann: { url: urlOf(ann) } }, listening);
    await worker.line(/^configuration read again: .*changed ann/);
    here.write({ ann: { url: urlOf(ann), hooks: { web: { webhook: receiver.url } } } }, listening);
    await here.mailonce("outbox", "retry", "--all");
    await worker.line(/^ann: hook web: delivers again/);
    expect(await status.metric("mailonce_hooks_failing")).toMatchObject({ "reason=http-status": 0 });
  });

  test("an account whose password file is gone backs off, says so once, and goes on when the file is back", async () => {
    await using ann = await startPop3Server({ user: "ann" });
    const here = place(folder);
    const secret = join(folder.path, "gone-secret");
    writeFileSync(secret, "secret\n", { mode: 0o600 });
    here.write({ ann: { url: urlOf(ann), password: { file: secret } } }, listening);
    await using worker = here.start();
    const status = await statusOf(worker);
    await worker.line(/^ann: 0 stored/);
    rmSync(secret);
    await worker.line(/^ann: warn: .*there is no such file/);
    expect(await status.metric("mailonce_accounts")).toMatchObject({ "state=backing-off": 1 });
    // Tried again in 5 seconds.
    await worker.line(/^ann: debug: .*there is no such file/);
    expect(worker.lines.filter((line) => /^ann: warn: /.test(line))).toHaveLength(1);
    const { length } = ann.sessions;
    writeFileSync(secret, "secret\n", { mode: 0o600 });
    chmodSync(secret, 0o600);
    await ann.waitFor(({ sessions }) => sessions.length > length);
  });
});
