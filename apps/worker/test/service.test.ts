import { once } from "node:events";
import { rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { startPop3Server, temporaryFolder } from "@mailonce/testkit";
import { afterAll, describe, expect, test } from "vitest";
import { startReceiver } from "./distributed/receiver.ts";
import { mail, place, urlOf } from "./place.ts";
import { startWorker } from "./worker-process.ts";

const folder = temporaryFolder("mailonce-service-");
afterAll(() => folder.remove());

describe("a worker with an accounts file", () => {
  test("fetches nothing a second time because an account has got a name", async () => {
    await using ann = await startPop3Server({ user: "ann" });
    ann.maildrop.deliver(mail("one"));
    const here = place(folder);
    const env = { MAILONCE_ACCOUNTS: urlOf(ann), MAILONCE_DATABASE: here.database };
    {
      await using bare = startWorker(env);
      await bare.line(/: 1 stored/);
    }
    here.write({ work: { url: urlOf(ann) } });
    await using worker = here.start();
    await worker.line(/^work: .*mailonce maildrop rename ann@127\.0\.0\.1:\d+ work/);
    expect(ann.count("RETR")).toBe(1);
  });

  test("ends in order when nobody reads its log any more", async () => {
    await using ann = await startPop3Server({ user: "ann" });
    const here = place(folder);
    here.write({ ann: { url: urlOf(ann) } });
    await using worker = here.start();
    await worker.line(/^ann: .*0 stored/);
    worker.child.stdout?.destroy();
    expect(await worker.end()).toBe(130);
    expect(ann.sessions.every(({ ended }) => ended === "quit")).toBe(true);
  });

  test("says what a log level is, and ends", async () => {
    await using worker = startWorker({ MAILONCE_LOG_LEVEL: "loud" });
    await worker.line(/^fatal: MAILONCE_LOG_LEVEL must be debug, info, warn, error or fatal/);
    expect(await worker.end()).toBe(78);
  });

  test("takes accounts up and drops them as the file changes, keeps sessions, and keeps its accounts while the file is wrong", async () => {
    await using ann = await startPop3Server({ user: "ann" });
    await using ben = await startPop3Server({ user: "ben" });
    ann.maildrop.deliver(mail("one"));
    ben.maildrop.deliver(mail("two"));
    let release = (): void => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    ann.faults = [{ at: { verb: "RETR", times: 1 }, do: "hold", until: () => held }];
    const here = place(folder);
    here.write({ ann: { url: urlOf(ann) } });
    await using worker = here.start();
    await ann.waitFor(() => ann.count("RETR") > 0);
    here.write({ ben: { url: urlOf(ben) } });
    await worker.line(/^configuration read again: the file has changed/);
    await worker.line(/^ben: 1 stored/);
    release();
    // The run that was under way when its account went away ended in order.
    await worker.line(/^ann: 1 stored/);
    const logins = ann.sessions.length;
    rmSync(here.file);
    writeFileSync(here.file, "accounts: {", { mode: 0o600 });
    await worker.line(/^error: configuration not changed/);
    const served = ben.sessions.length;
    await ben.waitFor(({ sessions }) => sessions.length > served + 1);
    here.write({ ben: { url: urlOf(ben), schedule: "1h" } });
    worker.child.kill("SIGHUP");
    await worker.line(/^configuration read again: SIGHUP/);
    expect(ann.sessions).toHaveLength(logins);
    worker.child.kill("SIGTERM");
    expect(await worker.end()).toBe(0);
  });

  test("serves accounts that are added to the database while it runs, and pauses and resumes them", async () => {
    await using ann = await startPop3Server({ user: "ann" });
    await using ben = await startPop3Server({ user: "ben" });
    const here = place(folder);
    here.write({ ann: { url: urlOf(ann) } });
    await using worker = here.start();
    await worker.line(/^ann: 0 stored/);
    const more = ["--name", "ben", "--schedule", "1s", "--password-env", "MAILONCE_PASSWORD"];
    await here.mailonce("accounts", "add", urlOf(ben), ...more);
    await worker.line(/^ben: 0 stored/);
    await here.mailonce("accounts", "pause", "ben");
    expect(await here.mailonce("accounts", "list")).toContain("paused: paused by hand");
    const paused = ben.sessions.length;
    const others = ann.sessions.length;
    await ann.waitFor(({ sessions }) => sessions.length > others + 3);
    expect(ben.sessions.length).toBeLessThanOrEqual(paused + 1);
    await here.mailonce("accounts", "resume", "ben");
    await ben.waitFor(({ sessions }) => sessions.length > paused + 2);
  });

  test("pauses an account whose password is refused, over restarts, until the password changes", async () => {
    await using server = await startPop3Server({ user: "ann", password: "new" });
    const here = place(folder);
    const secret = join(folder.path, "secret");
    writeFileSync(secret, "old\n", { mode: 0o600 });
    here.write({ ann: { url: urlOf(server), password: { file: secret } } });
    for (let start = 0; start < 2; start++) {
      await using worker = here.start();
      await worker.line(start === 0 ? /^ann: error: paused until its settings change/ : /^started/);
      expect(await here.mailonce("accounts", "list")).toMatch(/paused: .*refused the login/);
    }
    expect(server.sessions).toHaveLength(1);
    writeFileSync(secret, "new\n", { mode: 0o600 });
    await using worker = here.start();
    await worker.line(/^ann: its settings have changed: no longer paused/);
    await worker.line(/^ann: 0 stored, 0 known/);
    expect(server.sessions).toHaveLength(2);
    expect(worker.lines.join("\n")).not.toMatch(/\b(?:old|new)\b/);
  });

  test("goes on when the system's clock is set back, and after a start under the earlier clock", async () => {
    await using server = await startPop3Server({ user: "ann" });
    const here = place(folder);
    here.write({ ann: { url: urlOf(server) } });
    const loading = `--import ${pathToFileURL(join(import.meta.dirname, "set-clock-back.mjs")).href}`;
    const env = { NODE_OPTIONS: loading };
    {
      await using worker = startWorker(env, ["--config", here.file]);
      await worker.line(/^ann: 0 stored/);
      worker.child.kill("SIGUSR2");
      await worker.line(/^warn: the system's clock was set back by 60 min: all accounts are planned again/);
      const { length } = server.sessions;
      await server.waitFor(({ sessions }) => sessions.length > length + 1);
      worker.child.kill("SIGTERM");
      expect(await worker.end()).toBe(0);
    }
    const { length } = server.sessions;
    await using _worker = startWorker({ ...env, CLOCK_BACK_MS: "86400000" }, ["--config", here.file]);
    await server.waitFor(({ sessions }) => sessions.length > length + 1);
  });

  test("keeps to a server's LOGIN-DELAY", async () => {
    await using server = await startPop3Server({ user: "ann" });
    server.maildrop.behaviour.capabilities = () => ["USER", "UIDL", "TOP", "LOGIN-DELAY 3600"];
    await using other = await startPop3Server({ user: "ben" });
    const here = place(folder);
    here.write({ ann: { url: urlOf(server) }, ben: { url: urlOf(other) } });
    await using worker = here.start();
    await worker.line(/^ann: 0 stored/);
    await other.waitFor(({ sessions }) => sessions.length > 3);
    expect(server.sessions).toHaveLength(1);
  });

  test("tells hooks of new mail, and says over HTTP how it is doing", async () => {
    await using server = await startPop3Server({ user: "ann" });
    await using receiver = await startReceiver((n) => n === 1);
    const here = place(folder);
    server.maildrop.deliver(mail("one"));
    here.write(
      { ann: { url: urlOf(server), hooks: { web: { webhook: receiver.url } } } },
      { worker: { listen: "127.0.0.1:0" } },
    );
    await using worker = here.start();
    const address = /http:\S+/.exec(await worker.line(/^listening on/))?.[0] ?? "";
    const get = async (path: string) => {
      const response = await fetch(address + path);
      return { status: response.status, text: await response.text() };
    };
    await worker.line(/^ann: 1 stored/);
    await worker.line(/^ann: warn: hook web: answered with status 503/);
    expect(await get("/healthz")).toEqual({ status: 200, text: "ok\n" });
    expect(await get("/readyz")).toEqual({ status: 200, text: "ok\n" });
    expect((await get("/nothing")).status).toBe(404);
    const { text } = await get("/metrics");
    for (const line of [
      /^mailonce_runs_total\{result="ended"\} [1-9]/m,
      /^mailonce_messages_total\{outcome="stored"\} 1$/m,
      /^mailonce_stored_octets_total [1-9]/m,
      /^mailonce_logins_total\{result="ok"\} [1-9]/m,
      /^mailonce_accounts\{state="(?:waiting|running)"\} 1$/m,
      /^mailonce_accounts\{state="paused"\} 0$/m,
      /^mailonce_outbox\{state="pending"\} 1$/m,
      /^mailonce_deliveries_total\{result="failed"\} 1$/m,
      /^mailonce_lag_seconds\{maildrop="ann"\} \d/m,
      /^mailonce_run_seconds_count [1-9]/m,
    ])
      expect(text).toMatch(line);
    await here.mailonce("outbox", "retry", "--all");
    await worker.line(/^ann: debug: told web/);
    expect([...receiver.told.values()]).toEqual(["one"]);
  });

  test("ends within its bound although a server hangs, and gives the maildrop back", async () => {
    await using server = await startPop3Server({ user: "ann" });
    server.maildrop.deliverAll([mail("one"), mail("two")]);
    server.faults = [{ at: { verb: "RETR", times: 1 }, do: "hold", until: () => new Promise(() => {}) }];
    const here = place(folder);
    here.write({ ann: { url: urlOf(server) } }, { worker: { shutdown: "1s" } });
    await using worker = here.start();
    await server.waitFor(() => server.count("RETR") > 0);
    worker.child.kill("SIGTERM");
    expect(await worker.end()).toBe(0);
    expect(worker.lines.at(-1)).toBe("ended");
    server.faults = [];
    const stdout = await here
      .mailonce("fetch", "ann", "--json")
      .catch((error: { stdout: string }) => error.stdout);
    expect(stdout).not.toContain("in-use-here");
  });

  test.each([
    [{ worker: { listen: "port" } }, /listen/],
    [{ database: "sqlite:/proc/nowhere/mail.sqlite" }, /nowhere/],
  ])("ends with a code that is not 0 when it cannot work: %j", async (more, message) => {
    const here = place(folder);
    here.write({ ann: { url: "pop3s://ann@example.org" } }, more);
    await using worker = here.start();
    expect(await worker.end()).toBeGreaterThan(0);
    expect(worker.lines.join("\n")).toMatch(message);
  });

  test("ends with 78 where somebody else listens", async () => {
    const taken = createServer().listen(0, "127.0.0.1");
    await once(taken, "listening");
    const { port } = taken.address() as AddressInfo;
    const here = place(folder);
    here.write({ ann: { url: "pop3s://ann@localhost" } }, { worker: { listen: `127.0.0.1:${port}` } });
    await using worker = here.start();
    expect(await worker.end()).toBe(78);
    expect(worker.lines.at(-1)).toMatch(/^fatal: cannot listen on 127.0.0.1/);
    taken.close();
  });
});
