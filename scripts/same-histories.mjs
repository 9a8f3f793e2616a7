// Plays the same random histories with the core of two commits and compares what each run did: see USAGE.
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { compileModel } from "./model.mjs";
import { readOptions, refuse, wholeNumber } from "./options.mjs";
import { root, run } from "./setup.mjs";

const AIMS = ["any", "copies", "two", "skip", "base", "faults", "flicker", "hides", "looks", "reuse", "sums"];

const USAGE = `node scripts/same-histories.mjs --against COMMIT [OPTION…]

Plays random histories of the model test with the core as it is here and as it was at a commit, and compares all
transcripts: POP3 commands, commits, outcomes, summaries. Exit code 1 if one differs; the first one is shown with both
transcripts, and for all of them is told which faults of the server they have.
The commit must have this script.

  --histories N   (10000)
  --seed N        other histories (1)`;

const { values } = readOptions(USAGE, {
  against: { type: "string" },
  histories: { type: "string", default: "10000" },
  seed: { type: "string", default: "1" },
});
const { against } = values;
const wanted = wholeNumber(USAGE, "--histories", values.histories, 1);
const seed = wholeNumber(USAGE, "--seed", values.seed);
const share = Math.ceil(wanted / AIMS.length);
const blocks = AIMS.map((aim) => ({ aim, seed, count: share }));

const folder = mkdtempSync(join(tmpdir(), "mailonce-histories-"));
try {
  if (against === undefined) refuse(USAGE, "--against says which commit");
  else process.exitCode = await compare(compileThen(against), join(compileModel(), "test/model/main.js"));
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/**
 * Compiles the model of another commit with the packages that are installed here; gives the program.
 * @param {string} commit
 */
function compileThen(commit) {
  const archive = join(folder, "core.tar");
  const what = `taking ${commit}`;
  run(what, "git", ["archive", `--output=${archive}`, commit, "packages/core", "tsconfig.base.json"]);
  run(what, "tar", ["-xf", archive, "-C", folder]);
  for (const modules of ["node_modules", "packages/core/node_modules"])
    symlinkSync(join(root, modules), join(folder, modules));
  const compiled = join(folder, "packages/core/compiled");
  mkdirSync(compiled);
  writeFileSync(join(compiled, "package.json"), JSON.stringify({ type: "module" }));
  const project = join(folder, "packages/core/test/model/tsconfig.json");
  run(`compiling ${commit}`, join(root, "node_modules/.bin/tsc"), ["-p", project, "--outDir", compiled]);
  return join(compiled, "test/model/main.js");
}

/**
 * @param {string} then
 * @param {string} now
 */
async function compare(then, now) {
  const [before, after] = [lines(then, { digests: blocks }), lines(now, { digests: blocks })];
  let histories = 0;
  let compared = 0;
  const others = [];
  for (;;) {
    const [one, other] = await Promise.all([before.next(), after.next()]);
    if (one.done && other.done) break;
    if (one.done || other.done) throw new Error("one of the two ended before the other");
    histories++;
    compared += one.value.lines;
    if (one.value.digest !== other.value.digest) others.push(one.value.history);
  }
  const [first] = others;
  if (first !== undefined) await show(then, now, first);
  for (const [faults, number] of faultsOf(others)) console.log(`${number} differ, with ${faults}`);
  const same = others.length === 0 ? "all" : `all but ${others.length}`;
  console.log(`${histories} histories, ${compared} lines of transcripts: ${same} the same`);
  return others.length === 0 ? 0 : 1;
}

/**
 * How many of these histories have which faults: those of messages and of listings, and whether criteria are asked.
 * @param {readonly any[]} histories
 */
function faultsOf(histories) {
  /** @type {Map<string, number>} */
  const numbers = new Map();
  for (const { events, criteria } of histories) {
    const faults = new Set(
      events.flatMap((/** @type {any} */ event) => (event.do === "fault" ? [event.fault] : [])),
    );
    const name = `${[...faults].sort((one, other) => one.localeCompare(other)).join(", ") || "no fault"}${criteria === null ? "" : ", criteria"}`;
    numbers.set(name, (numbers.get(name) ?? 0) + 1);
  }
  return [...numbers].sort(([, one], [, other]) => other - one);
}

/**
 * @param {string} then
 * @param {string} now
 * @param {unknown} history
 */
async function show(then, now, history) {
  const [before = [], after = []] = await Promise.all(
    [then, now].map(async (program) => {
      const said = [];
      for await (const line of lines(program, { replay: history })) said.push(line);
      return said;
    }),
  );
  const at = before.findIndex((line, n) => JSON.stringify(line) !== JSON.stringify(after[n]));
  for (const line of before.slice(0, at)) console.log(line);
  console.log(
    `\nhere the two part\n\nthen: ${JSON.stringify(before[at])}\nnow:  ${JSON.stringify(after[at])}`,
  );
  console.log(`\nnpm run test:model -- --replay '${JSON.stringify(history)}'`);
}

/**
 * What a process with this order says.
 * @param {string} program
 * @param {object} order
 */
async function* lines(program, order) {
  const child = spawn(process.execPath, [program, JSON.stringify(order)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = new Promise((resolve) => child.once("exit", resolve));
  try {
    for await (const line of createInterface({ input: child.stdout })) yield JSON.parse(line);
    const code = await ended;
    if (code !== 0) throw new Error(`${program} ended with ${code}`);
  } finally {
    child.kill();
  }
}
