// From a message's delivery on the server to its row and to its hook, in a worker that has many accounts.
import { join } from "node:path";
import { createDatabase } from "../lib/databases.mjs";
import { percentile } from "../lib/statistics.mjs";
import { resultOf, secondsTarget } from "../lib/targets.mjs";
import { measurePassages } from "../worker/latency.mjs";

/** @typedef {import("../lib/compare.mjs").Result} Result */
/** @typedef {import("../worker/latency.mjs").Passage} Passage */

/** What is told of: how long each took. @type {Readonly<Record<string, (passage: Passage) => number>>} */
const WAITS = {
  "delivery to due": ({ delivered, due }) => Math.max(0, due - delivered),
  "due to row": ({ delivered, due, stored }) => stored - Math.max(due, delivered),
  "due to hook": ({ delivered, due, told }) => told - Math.max(due, delivered),
};
const PARTS = { p50: 0.5, p99: 0.99 };
/** Seconds from due. */
const MOST = { p50: 0.05, p99: 0.25 };

/** @type {import("./row.mjs").Row} */
export const latency = {
  name: "latency",
  title: "1,000 accounts at an interval of a minute, one worker: from delivery to row and hook",
  async measure(bench) {
    const accounts = bench.size(1000, 50);
    const intervalMs = bench.size(60_000, 10_000);
    const clockFile = join(bench.folder, "latency-clock");
    const port = await bench.listings("timed", clockFile);
    /** @type {Result[]} */
    const results = [];
    for (const setup of bench.setups) {
      const database = await createDatabase(bench, setup);
      try {
        const measured = await measurePassages(bench, database, { port, clockFile, accounts, intervalMs });
        results.push(...resultsOf(setup.name, measured));
      } finally {
        await database.drop();
      }
    }
    return {
      note: `${accounts.toLocaleString("en")} accounts with one new message each on a server in C, webhook on loopback, once; due is when the account's next run may begin (the end of its last run, the interval, and half of the tenth that is added at random), or the delivery where that run had begun; until then nothing can be done; row: the end of the run that has committed it; CPU and memory are the worker's for all of it`,
      results,
      reference: null,
      targets: bench.setups.flatMap(({ name }) =>
        ["due to row", "due to hook"].flatMap((wait) =>
          Object.entries(MOST).map(([part, most]) => {
            const work = `${name}, ${wait}, ${part}`;
            return secondsTarget(work, resultOf(results, work).seconds, most, "");
          }),
        ),
      ),
    };
  },
};

/**
 * @param {string} name @param {Awaited<ReturnType<typeof measurePassages>>} measured
 * @returns {Result[]}
 */
function resultsOf(name, { passages, cpuSeconds, peakOctets }) {
  return Object.entries(WAITS).flatMap(([wait, lasts]) =>
    Object.entries(PARTS).map(([label, part]) => {
      const sample = { seconds: percentile(passages.map(lasts), part) / 1000, cpuSeconds, peakOctets };
      return {
        name: `${name}, ${wait}, ${label}`,
        samples: [sample],
        ...sample,
        approximate: false,
        error: null,
      };
    }),
  );
}
