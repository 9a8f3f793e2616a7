// npm run soak, see USAGE: a day of a worker, compressed into minutes. 40 accounts of an interval of five minutes have 288 runs each
// in a day: as many are made here, by a worker process as an operator starts it. Meanwhile connections break, servers are
// busy, mail arrives, a program is told of it, metrics are read, the accounts file changes. What is left after garbage
// collection, open files and connections must not grow with the runs once all is warm.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readlinkSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as delay } from "node:timers/promises";
import { readOptions, wholeNumber } from "./options.mjs";
import { build, installPackages, root } from "./setup.mjs";

const ACCOUNTS = 40;
const RUNS_A_DAY = 288;
const SAMPLES = 36;
/** The first third only warms up: code is compiled, caches and pools fill. */
const WARM = SAMPLES / 3;
/** Looks for each sample. */
const LOOKS = 5;
/** Mail comes this often, in ms. */
const DELIVERY_MS = 250;
/** The runs of a day must not take longer, in ms. */
const PATIENCE_MS = 20 * 60_000;

/**
 * What each may grow by with a run, for certain: by the line through the samples, less twice its standard error. A run
 * that left a small object or two behind would leave at least these octets.
 */
const MOST = { heapUsed: 100, external: 100, rss: 1000, files: 1e-3, sockets: 1e-3, resources: 1e-3 };

/** @typedef {{ readonly runs: number } & Readonly<Record<keyof typeof MOST, number>>} Sample */

const USAGE = `npm run soak [-- RUNS]

A day of a worker with ${ACCOUNTS} accounts, compressed into minutes. Exit code 1 if memory, open files or connections grow.

  RUNS  of each account (${RUNS_A_DAY}; at least 90: before, nothing is warm)`;

const { positionals } = readOptions(USAGE, {}, 1);
const each = wholeNumber(USAGE, "RUNS", positionals[0] ?? String(RUNS_A_DAY), 90);
installPackages();
build();
const { simpleMail, startPop3Server } = await import("@mailonce/testkit");
const server = await startPop3Server({
  user: "user0",
  // Of each 50 connections: one breaks in mid-reply, one is closed at once, one is told to come later.
  /** @returns {readonly import("@mailonce/testkit").Fault[]} */
  faults: (/** @type {number} */ connection) => {
    if (connection % 50 === 7) return [{ at: { verb: "RETR" }, do: "close" }];
    if (connection % 50 === 23) return [{ at: { verb: "UIDL" }, do: "close" }];
    if (connection % 50 === 41) return [{ at: { verb: "PASS" }, do: "reply", text: "-ERR [IN-USE] busy" }];
    return [];
  },
});
const maildrops = [server.maildrop];
for (let n = 1; n < ACCOUNTS; n++) maildrops.push(server.addAccount(`user${n}`, "secret"));
const folder = mkdtempSync(join(tmpdir(), "mailonce-soak-"));
const file = join(folder, "mailonce.json");
configure(ACCOUNTS);
const worker = spawn(
  process.execPath,
  [
    ...["--expose-gc", "--import", join(import.meta.dirname, "soak-probe.mjs")],
    ...[join(root, "apps/worker/bin/mailonce-worker.js"), "--config", file],
  ],
  {
    stdio: ["ignore", "pipe", "inherit", "pipe"],
    env: { ...process.env, MAILONCE_PASSWORD: "secret", MAILONCE_LOG_FORMAT: "json" },
  },
);
const ended = once(worker, "exit");
const probe = createInterface({
  input: /** @type {import("node:stream").Readable} */ (worker.stdio[3]),
});
const address = new Promise((resolve) =>
  createInterface({ input: worker.stdout ?? process.stdin }).on("line", (line) => {
    const found = /listening on (http:[^"]+)/.exec(line);
    if (found !== null) resolve(found[1]);
    if (line.includes('"level":"fatal"')) console.error(line);
  }),
);
let delivered = 0;
/** @type {Sample[]} */
const samples = [];
try {
  const place = await Promise.race([
    address,
    ended.then(([code]) => Promise.reject(new Error(`ended with ${code}`))),
  ]);
  await soak(String(place));
} finally {
  worker.kill("SIGTERM");
  await ended;
  await server.close();
  rmSync(folder, { recursive: true, force: true });
}
report();

/** @param {string} place */
async function soak(place) {
  const began = Date.now();
  for (let n = 0; n < SAMPLES; n++) {
    const goal = ((n + 1) * each * ACCOUNTS) / SAMPLES;
    let runs = 0;
    while (runs < goal) {
      if (Date.now() - began > PATIENCE_MS)
        throw new Error(`only ${runs} runs in ${PATIENCE_MS / 60_000} min`);
      deliver();
      await delay(DELIVERY_MS);
      runs = await runsSoFar(place);
    }
    if (n % 5 === 4) configure(n % 10 === 9 ? ACCOUNTS : ACCOUNTS - 1);
    const sample = { runs, ...(await look()) };
    samples.push(sample);
    const { heapUsed, external, rss, files, sockets } = sample;
    const seconds = String(Math.round((Date.now() - began) / 1000)).padStart(5);
    console.log(
      `${seconds} s  ${runs} runs  heap ${mebibytes(heapUsed)}  external ${mebibytes(external)}  resident ${mebibytes(rss)} MiB  ${files} files, ${sockets} of them sockets`,
    );
  }
}

function deliver() {
  const maildrop = maildrops[delivered % ACCOUNTS];
  const people = { from: "ann@example.org", to: "ben@example.org" };
  const body = "Hello.\r\n".repeat(200);
  maildrop?.deliver(simpleMail({ ...people, subject: `number ${delivered++}`, date: new Date(0), body }));
}

/** @param {number} count */
function configure(count) {
  const accounts = Object.fromEntries(
    Array.from({ length: count }, (_, n) => [
      `user${n}`,
      { url: `pop3://user${n}@127.0.0.1:${server.port}?tls=none` },
    ]),
  );
  const more = {
    database: `sqlite:${join(folder, "mail.sqlite")}`,
    concurrency: 10,
    worker: { listen: "127.0.0.1:0", perHost: 10 },
    defaults: {
      schedule: "1s",
      password: { env: "MAILONCE_PASSWORD" },
      hooks: { program: { exec: ["/bin/true"] } },
    },
  };
  writeFileSync(file, JSON.stringify({ ...more, accounts }), { mode: 0o600 });
}

/** @param {string} place */
async function runsSoFar(place) {
  const text = await (await fetch(`${place}/metrics`, { headers: { connection: "close" } })).text();
  const counts = [...text.matchAll(/^mailonce_runs_total\{.*\} (\d+)$/gm)];
  return counts.reduce((sum, [, count]) => sum + Number(count), 0);
}

/** The least of a few looks: what runs under way hold for a moment does not count. */
async function look() {
  /** @type {Record<string, number>[]} */
  const looks = [];
  for (let n = 0; n < LOOKS; n++) {
    if (n > 0) await delay(100);
    worker.kill("SIGUSR2");
    const [line] = await once(probe, "line");
    const open = readdirSync(`/proc/${worker.pid}/fd`).flatMap((fd) => {
      try {
        return [readlinkSync(`/proc/${worker.pid}/fd/${fd}`)];
      } catch {
        return [];
      }
    });
    const sockets = open.filter((to) => to.startsWith("socket:")).length;
    looks.push({ ...JSON.parse(line), files: open.length, sockets });
  }
  const least = Object.keys(MOST).map((name) => [
    name,
    Math.min(...looks.map((one) => one[name] ?? Number.NaN)),
  ]);
  return Object.fromEntries(least);
}

function report() {
  const warm = samples.slice(WARM);
  const runs = samples.at(-1)?.runs ?? 0;
  console.log(`${runs} runs of ${ACCOUNTS} accounts, ${delivered} messages. Growth with each run once warm:`);
  let flat = true;
  for (const [name, most] of Object.entries(MOST)) {
    const key = /** @type {keyof typeof MOST} */ (name);
    const { slope, error } = line(warm.map((sample) => [sample.runs, sample[key]]));
    const grows = slope - 2 * error > most;
    if (grows) flat = false;
    console.log(
      `  ${name.padEnd(10)}${slope.toFixed(4).padStart(12)} ± ${(2 * error).toFixed(4)}, at most ${most}: ${grows ? "GROWS" : "flat"}`,
    );
  }
  if (!flat) process.exitCode = 1;
}

/**
 * The straight line through the points (least squares): its slope and the standard error of that.
 * @param {readonly (readonly [number, number])[]} points
 */
function line(points) {
  const mean = (/** @type {readonly number[]} */ values) => values.reduce((a, b) => a + b, 0) / values.length;
  const [x, y] = [mean(points.map(([one]) => one)), mean(points.map(([, other]) => other))];
  const sum = (/** @type {(point: readonly [number, number]) => number} */ of) =>
    points.reduce((total, point) => total + of(point), 0);
  const spread = sum(([one]) => (one - x) ** 2);
  const slope = sum(([one, other]) => (one - x) * (other - y)) / spread;
  const rest = sum(([one, other]) => (other - y - slope * (one - x)) ** 2);
  return { slope, error: Math.sqrt(rest / (points.length - 2) / spread) };
}

/** @param {number} octets */
function mebibytes(octets) {
  return (octets / 2 ** 20).toFixed(1);
}
