import { execFileSync } from "node:child_process";
import { copyFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { HangWatch } from "@mailonce/runtime/service";
import { startPop3Server, temporaryFolder } from "@mailonce/testkit";
import { afterAll, expect, test } from "vitest";
import { makeLog } from "../src/log/log.ts";
import { ServiceManager } from "../src/process/service-manager.ts";
import { startNotifySocket } from "./notify-socket.ts";
import { place, urlOf } from "./place.ts";

const folder = temporaryFolder("mailonce-manager-");
afterAll(() => folder.remove());
const deploy = join(import.meta.dirname, "../../../deploy");

const silent = makeLog(() => {}, "text", "info");
const PATH = process.env["PATH"] ?? "";

test("a worker tells systemd when it has started, that it lives, and how long it may take to end", async () => {
  await using ann = await startPop3Server({ user: "ann" });
  await using socket = await startNotifySocket(folder);
  const here = place(folder);
  here.write({ ann: { url: urlOf(ann) } }, { worker: { shutdown: "7s" } });
  await using worker = here.start({ NOTIFY_SOCKET: socket.path, WATCHDOG_USEC: "1000000" });
  await worker.line(/^started/);
  await socket.reached(/^READY=1$/);
  await socket.reached(/^WATCHDOG=1$/, 3);
  worker.child.kill("SIGTERM");
  expect(await worker.end()).toBe(0);
  await socket.reached(/^STOPPING=1 EXTEND_TIMEOUT_USEC=12000000$/);
});

test("a worker that cannot start never says that it has", async () => {
  await using socket = await startNotifySocket(folder);
  const here = place(folder);
  here.write({ ann: { url: "pop3s://ann@localhost", schedule: "never" } });
  await using worker = here.start({ NOTIFY_SOCKET: socket.path });
  expect(await worker.end()).toBe(78);
  expect(socket.told).toEqual([]);
});

test("a worker whose process stands still gives no sign of life", async () => {
  await using ann = await startPop3Server({ user: "ann" });
  await using socket = await startNotifySocket(folder);
  const here = place(folder);
  here.write({ ann: { url: urlOf(ann) } });
  const loading = `--import ${pathToFileURL(join(import.meta.dirname, "stand-still.mjs")).href}`;
  await using worker = here.start({
    NOTIFY_SOCKET: socket.path,
    WATCHDOG_USEC: "200000",
    NODE_OPTIONS: loading,
  });
  await socket.reached(/^WATCHDOG=1$/, 2);
  worker.child.kill("SIGUSR2");
  await worker.line(/^standing still for 3 s/);
  await worker.line(/^going on/);
  // What was under way when it stood still may have arrived meanwhile: not the thirty of that time.
  expect(socket.told.filter((line) => line === "WATCHDOG=1").length).toBeLessThan(25);
});

test("no sign of life is given while the queue hangs, and again when it goes on", async () => {
  await using socket = await startNotifySocket(folder);
  const env = { NOTIFY_SOCKET: socket.path, WATCHDOG_USEC: "100000", PATH };
  using manager = ServiceManager.of(env, silent) ?? undefined;
  const queue = { lateMs: 0 };
  let now = 0;
  const hang = new HangWatch(queue, () => now);
  let asked = 0;
  let look = (): void => {};
  manager?.ready(() => {
    hang.look();
    asked++;
    look();
    return !hang.isHanging;
  });
  const askedAgain = (times: number) =>
    new Promise<void>((resolve) => {
      const goal = asked + times;
      look = () => {
        if (asked >= goal) resolve();
      };
    });
  await socket.reached(/^WATCHDOG=1$/, 2);
  queue.lateMs = 70_000;
  await askedAgain(1);
  // Late for a moment is nothing: only after a minute, by a clock that nobody sets.
  expect(hang.isHanging).toBe(false);
  now = 61_000;
  await askedAgain(2);
  const signs = socket.told.length;
  await askedAgain(10);
  // One may have been on its way.
  expect(socket.told.length).toBeLessThanOrEqual(signs + 2);
  queue.lateMs = 0;
  await askedAgain(2);
  const before = socket.told.length;
  await socket.reached(/^WATCHDOG=1$/, before + 1);
});

test("a sign of life that another process is to give is not given, and without systemd nothing is", async () => {
  await using socket = await startNotifySocket(folder);
  expect(ServiceManager.of({ PATH }, silent)).toBeNull();
  using manager =
    ServiceManager.of(
      { NOTIFY_SOCKET: socket.path, WATCHDOG_USEC: "1000", WATCHDOG_PID: "1", PATH },
      silent,
    ) ?? undefined;
  manager?.ready(() => {
    throw new Error("nobody asked");
  });
  await socket.reached(/^READY=1$/);
  expect(socket.told).toEqual(["READY=1"]);
});

test("that systemd-notify is missing is said, and the worker goes on", async () => {
  const told = await new Promise<string>((resolve) => {
    const manager = ServiceManager.of(
      { NOTIFY_SOCKET: "/nowhere", PATH: "/nowhere" },
      makeLog(resolve, "text", "info"),
    );
    manager?.ready(() => true);
  });
  expect(told).toContain("systemd-notify cannot be started");
});

test.each(["mailonce-worker.service", "mailonce-worker@.service"])(
  "systemd finds nothing wrong in %s",
  (unit) => {
    const file = join(folder.path, unit.replace("@", "@1"));
    copyFileSync(join(deploy, unit), file);
    const told = execFileSync("systemd-analyze", ["verify", "--man=no", file], {
      encoding: "utf8",
      stdio: "pipe",
    });
    expect(told).toBe("");
  },
);
