// What was measured, kept in files: raw numbers, the tables, the plot.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { markdown } from "./markdown.mjs";
import { firstFetchPlot } from "./plot.mjs";

/**
 * @typedef {import("../rows/row.mjs").Findings & { readonly name: string, readonly title: string,
 *   readonly measuredAt: string, readonly rounds: number, readonly error: string | null }} RowResult
 */

/** @typedef {{ readonly machine: import("./machine.mjs").Machine, readonly quick: boolean }} RunInfo */

/**
 * Writes results.json, RESULTS.md and first-fetch.svg. Rows that were measured on the same machine before and not now
 * are kept.
 * @param {string} folder @param {RunInfo} run @param {readonly RowResult[]} measured
 * @param {readonly string[]} order the names of all rows
 * @returns {number} rows in the files
 */
export function keepResults(folder, run, measured, order) {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, "results.json");
  const rows = [
    ...measured,
    ...earlierRows(file, run).filter(({ name }) => !measured.some((row) => row.name === name)),
  ];
  rows.sort((a, b) => order.indexOf(a.name) - order.indexOf(b.name));
  writeFileSync(file, `${JSON.stringify({ ...run, rows }, null, 1)}\n`);
  const plot = firstFetchPlot(rows);
  if (plot !== null) writeFileSync(join(folder, "first-fetch.svg"), plot);
  writeFileSync(
    join(folder, "RESULTS.md"),
    `${markdown(run, rows, plot === null ? null : "first-fetch.svg")}\n`,
  );
  return rows.length;
}

/** @param {string} file @param {RunInfo} run @returns {RowResult[]} */
function earlierRows(file, run) {
  if (!existsSync(file)) return [];
  const earlier = JSON.parse(readFileSync(file, "utf8"));
  return JSON.stringify(earlier.machine) === JSON.stringify(run.machine) ? earlier.rows : [];
}
