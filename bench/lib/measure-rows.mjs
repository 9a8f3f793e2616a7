// Measures rows one after another and reports them; a row that fails does not stop the others.
import { mkdtempSync } from "node:fs";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { rows } from "../rows/index.mjs";
import { Bench } from "./bench.mjs";
import { describeMachine } from "./machine.mjs";
import { markdown } from "./markdown.mjs";
import { keepResults } from "./results.mjs";

const RESULTS = join(import.meta.dirname, "..", "results");

/** What is to be measured: the rows (none named: all), how often, and which Mailonces.
 * @typedef {{ readonly names: readonly string[], readonly rounds: number, readonly quick: boolean,
 *   readonly builds: readonly import("./setups.mjs").Build[] }} Wish
 */

/** @typedef {import("./results.mjs").RowResult} RowResult */

export function listRows() {
  for (const { name, title } of rows) console.log(`${name.padEnd(20)}${title}`);
}

/**
 * Measures, shows the tables and keeps the results.
 * @param {Wish} wish
 * @returns {Promise<number>} the exit code: 1 if anything failed
 */
export async function measureAndKeep(wish) {
  const { quick, builds } = wish;
  const measured = await measureRows(wish);
  const run = { machine: describeMachine(builds), quick };
  const folder = quick ? mkdtempSync(join(tmpdir(), "mailonce-bench-quick-")) : RESULTS;
  const kept = keepResults(
    folder,
    run,
    measured,
    rows.map(({ name }) => name),
  );
  console.log(markdown(run, measured));
  console.error(
    `All results: ${folder}${kept > measured.length ? ` (${kept} rows, ${measured.length} of them new)` : ""}`,
  );
  return measured.some(hasFailed) ? 1 : 0;
}

/** @param {RowResult} row */
export function hasFailed({ error, results }) {
  return error !== null || results.some((result) => result.error !== null);
}

/**
 * @param {Wish & { readonly alone?: boolean }} wish `alone`: without anybody but Mailonce
 * @returns {Promise<readonly RowResult[]>}
 */
export async function measureRows({ names, ...settings }) {
  const unknown = names.filter((name) => !rows.some((row) => row.name === name));
  if (unknown.length > 0)
    throw new Error(`No such row: ${unknown.join(", ")}. npm run bench -- --list names them.`);
  const wanted = rows.filter(({ name }) => names.length === 0 || names.includes(name));
  const [load = 0] = loadavg();
  if (load > 0.7) console.error(`The machine is busy (load ${load.toFixed(1)}): the times will be too long.`);

  const bench = new Bench(settings);
  const interrupted = () => process.exit(130);
  process.on("SIGINT", interrupted).on("SIGTERM", interrupted);
  /** @type {RowResult[]} */
  const measured = [];
  try {
    for (const row of wanted) {
      bench.say(`${row.name}: ${row.title}`);
      const start = performance.now();
      measured.push(await measureRow(bench, row));
      bench.say(`  ${((performance.now() - start) / 1000).toFixed(0)} s in all`);
    }
  } finally {
    await bench.end();
  }
  return measured;
}

/**
 * @param {Bench} bench @param {import("../rows/row.mjs").Row} row
 * @returns {Promise<RowResult>}
 */
async function measureRow(bench, row) {
  const { name, title } = row;
  const { rounds } = bench;
  const measuredAt = new Date().toISOString();
  try {
    return { name, title, measuredAt, rounds, ...(await row.measure(bench)), error: null };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    bench.say(`  FAILED: ${message}`);
    return {
      name,
      title,
      measuredAt,
      rounds,
      note: "",
      results: [],
      reference: null,
      targets: [],
      error: message,
    };
  }
}
