// npm run soak: a day of a worker, compressed. 40 accounts that are served every second instead of every five minutes:
// 288 runs each, as in 24 hours. Connections break, servers are busy, mail arrives, the accounts file changes.
// At the end the worker's memory, open files and connections must be as they were after the first quarter.
// npm run soak -- 600: so many seconds (default 320).
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as delay } from "node:timers/promises";
import { build, installPackages, root } from "./setup.mjs";

const ACCOUNTS = 40;
const SAMPLES = 40;
/** Memory may be larger at the end than after the first quarter by this part, and by so many octets. */
const GROWTH = 0.15;
const SLACK = 16 * 1024 * 1024;

const seconds = Number(process.argv[2] ?? 320);
if (!(seconds >= 10)) throw new Error("Usage: npm run soak [-- SECONDS]");
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
const worker = spawn(process.execPath, [join(root, "apps/worker/bin/mailonce-worker.js"), "--config", file], {
  stdio: ["ignore", "pipe", "inherit"],
  env: { ...process.env, MAILONCE_PASSWORD: "secret", MAILONCE_LOG_FORMAT: "json" },
});
const ended = once(worker, "exit");
const address = new Promise((resolve) =>
  createInterface({ input: worker.stdout ?? process.stdin }).on("line", (line) => {
    const found = /listening on (http:[^"]+)/.exec(line);
    if (found !== null) resolve(found[1]);
    if (line.includes('"level":"fatal"')) console.error(line);
  }),
);
let delivered = 0;
/** @type {{ rss: number, files: number, sockets: number, runs: number }[]} */
const samples = [];
try {
  const place = await Promise.race([
    address,
    ended.then(([code]) => Promise.reject(new Error(`ended with ${code}`))),
  ]);
  const began = Date.now();
  for (let n = 0; n < SAMPLES; n++) {
    const until = began + ((n + 1) * seconds * 1000) / SAMPLES;
    while (Date.now() < until) {
      deliver();
      await delay(Math.max(1, Math.min(250, until - Date.now())));
    }
    if (n % 5 === 4) configure(n % 10 === 9 ? ACCOUNTS : ACCOUNTS - 1);
    samples.push(await sample(String(place)));
    const { rss, files, sockets, runs } = samples.at(-1) ?? { rss: 0, files: 0, sockets: 0, runs: 0 };
    console.log(
      `${String(Math.round((Date.now() - began) / 1000)).padStart(5)} s  ${runs} runs  ${(rss / 2 ** 20).toFixed(1)} MiB  ${files} files  ${sockets} sockets`,
    );
  }
} finally {
  worker.kill("SIGTERM");
  await ended;
  await server.close();
  rmSync(folder, { recursive: true, force: true });
}
report();

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
async function sample(place) {
  const text = await (await fetch(`${place}/metrics`, { headers: { connection: "close" } })).text();
  const runs = [...text.matchAll(/^mailonce_runs_total\{.*\} (\d+)$/gm)].reduce(
    (sum, [, n]) => sum + Number(n),
    0,
  );
  const pages = Number(readFileSync(`/proc/${worker.pid}/statm`, "utf8").split(" ")[1]);
  const open = readdirSync(`/proc/${worker.pid}/fd`).flatMap((fd) => {
    try {
      return [readlinkSync(`/proc/${worker.pid}/fd/${fd}`)];
    } catch {
      return [];
    }
  });
  return {
    rss: pages * 4096,
    files: open.length,
    sockets: open.filter((to) => to.startsWith("socket:")).length,
    runs,
  };
}

function report() {
  const quarter = samples.length / 4;
  const [, second = [], , fourth = []] = [0, 1, 2, 3].map((n) =>
    samples.slice(n * quarter, (n + 1) * quarter),
  );
  /** @param {readonly { rss: number, files: number, sockets: number }[]} part @param {"rss" | "files" | "sockets"} key */
  const median = (part, key) =>
    part.map((one) => one[key]).sort((a, b) => a - b)[Math.floor(part.length / 2)] ?? 0;
  const runs = samples.at(-1)?.runs ?? 0;
  const [before, after] = [median(second, "rss"), median(fourth, "rss")];
  const flat =
    after <= before * (1 + GROWTH) + SLACK && median(fourth, "files") <= median(second, "files") + 12;
  const mebibytes = (/** @type {number} */ octets) => (octets / 2 ** 20).toFixed(1);
  console.log(
    `${runs} runs, ${delivered} messages; memory ${mebibytes(before)} -> ${mebibytes(after)} MiB, files ${median(second, "files")} -> ${median(fourth, "files")}, sockets ${median(second, "sockets")} -> ${median(fourth, "sockets")} (second quarter -> last): ${flat ? "flat" : "NOT FLAT"}`,
  );
  if (!flat) process.exitCode = 1;
}
