// A row of the benchmark: one piece of work, everybody who does it, and what was to be reached.

/**
 * What became of a row. `reference` names the result that the others are compared with.
 * @typedef {object} Findings
 * @property {string} [title] in the place of the row's, where it counts what was measured
 * @property {string} note what exactly was measured
 * @property {readonly import("../lib/compare.mjs").Result[]} results
 * @property {string | null} reference
 * @property {readonly import("../lib/targets.mjs").Target[]} targets
 */

/**
 * @typedef {object} Row
 * @property {string} name for the command line
 * @property {string} title
 * @property {(bench: import("../lib/bench.mjs").Bench) => Promise<Findings>} measure
 */

export {};
