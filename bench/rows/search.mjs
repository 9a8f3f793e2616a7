// Searches in a million stored messages, and what it takes to make them searchable.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { startMariaDb } from "@mailonce/testkit";
import { cacheFolder } from "../lib/cache.mjs";
import { measure } from "../lib/measure.mjs";
import { inSeconds } from "../lib/seconds.mjs";
import { percentile } from "../lib/statistics.mjs";
import { memoryTarget, secondsTarget } from "../lib/targets.mjs";

const PROGRAMS = join(import.meta.dirname, "..", "search");
/** It is raised when the sample, or what the product makes of it, becomes another. */
const VERSION = 1;
const DATABASE = "search";
/** A server for so much mail is not left at 128 MB. */
const PARAMETERS = ["--innodb-buffer-pool-size=3G", "--innodb-log-file-size=1G"];

/** @type {import("./row.mjs").Row} */
export const search = {
  name: "search",
  title: "Searching in 1,000,000 messages",
  async measure(bench) {
    const count = bench.size(1_000_000, 10_000);
    const queries = bench.size(120, 10);
    const folder = join(cacheFolder(), `search-${VERSION}-${count}`);
    mkdirSync(folder, { recursive: true });
    /** @type {import("../lib/compare.mjs").Result[]} */
    const results = [];
    /** @type {import("../lib/targets.mjs").Target[]} */
    const targets = [];
    for (const open of [sqlite, mariadb]) {
      const { kind, url, filled, end } = await open(folder);
      try {
        if (!existsSync(filled)) {
          bench.say(`  filling ${kind} with ${count.toLocaleString("en")} messages: some 10 minutes, once …`);
          const done = spawnSync(process.execPath, [join(PROGRAMS, "fill.mjs"), url, `${count}`], {
            stdio: ["ignore", "ignore", "inherit"],
          });
          if (done.status !== 0) throw new Error(`${kind} could not be filled`);
          mkdirSync(filled);
        }
        const sample = await measure([
          process.execPath,
          join(PROGRAMS, "ask.mjs"),
          url,
          `${count}`,
          `${queries}`,
        ]);
        for (const [what, { ms, cpuMs }] of Object.entries(JSON.parse(sample.output))) {
          const p95 = percentile(ms, 0.95) / 1000;
          const name = `${what}, ${kind}`;
          bench.say(`  ${name}: p50 ${percentile(ms, 0.5).toFixed(1)} ms, p95 ${(p95 * 1000).toFixed(1)} ms`);
          results.push(resultOf(name, ms, cpuMs, sample.peakOctets));
          const most = MOST[what];
          if (most !== undefined) targets.push(secondsTarget(`first page, ${name}`, p95, most, "95 of 100"));
        }
        targets.push(memoryTarget(`searches, ${kind}`, sample.peakOctets, { most: 300 }));
      } finally {
        await end();
      }
    }
    return {
      title: `Searching in ${count.toLocaleString("en")} messages`,
      note: `time and CPU are medians, p95 is the time that 95 of 100 queries do not exceed; the first 50 messages of ${queries} different queries of each kind, by store.search() in one process, all of them asked twice: the second time what they need is in memory (first time: the server has just started); ${count.toLocaleString("en")} messages of some 120 different words, 2,000 senders, six years; MariaDB with a buffer pool of 3 GB`,
      results,
      reference: null,
      targets,
    };
  },
};

/** What 95 of 100 queries may take at most, in seconds. @type {Readonly<Record<string, number>>} */
const MOST = {
  "common, common": 0.05,
  "common, common, hardly ever together": 0.05,
  "common, rare": 0.05,
  "rare, rare": 0.05,
  "sender, month": 0.02,
};

/** @param {string} name @param {readonly number[]} ms @param {readonly number[]} cpuMs @param {number} peakOctets */
function resultOf(name, ms, cpuMs, peakOctets) {
  const samples = ms.map((one, at) => ({
    seconds: one / 1000,
    cpuSeconds: (cpuMs[at] ?? Number.NaN) / 1000,
    peakOctets,
  }));
  const seconds = percentile(ms, 0.5) / 1000;
  const cpuSeconds = percentile(cpuMs, 0.5) / 1000;
  const more = { p95: inSeconds(percentile(ms, 0.95) / 1000) };
  return { name, samples, seconds, cpuSeconds, peakOctets, approximate: false, error: null, more };
}

/**
 * A prepared database. `filled` is there once it is complete.
 * @typedef {{ readonly kind: string, readonly url: string, readonly filled: string, readonly end: () => Promise<void> }} Prepared
 */

/** @param {string} folder @returns {Promise<Prepared>} */
async function sqlite(folder) {
  const url = `sqlite:${join(folder, "mail.sqlite")}`;
  return { kind: "SQLite", url, filled: join(folder, "sqlite-filled"), end: async () => undefined };
}

/** @param {string} folder @returns {Promise<Prepared>} */
async function mariadb(folder) {
  const server = await startMariaDb({ parameters: PARAMETERS, folder: join(folder, "mariadb") });
  await server.sql(
    `CREATE DATABASE IF NOT EXISTS ${DATABASE} CHARACTER SET utf8mb4;
     CREATE USER IF NOT EXISTS '${DATABASE}'@'127.0.0.1' IDENTIFIED BY '${DATABASE}';
     GRANT ALL ON ${DATABASE}.* TO '${DATABASE}'@'127.0.0.1';`,
  );
  const url = `mariadb://${DATABASE}:${DATABASE}@127.0.0.1:${server.port}/${DATABASE}`;
  return { kind: "MariaDB", url, filled: join(folder, "mariadb-filled"), end: () => server.kill("SIGTERM") };
}
