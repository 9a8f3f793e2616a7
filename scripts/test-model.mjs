// npm run test:model: see USAGE.
import { spawn } from "node:child_process";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { compileModel } from "./model.mjs";
import { readOptions, refuse, wholeNumber } from "./options.mjs";

const BLOCK = 500;
/** How many of 22 blocks each aim gets; what they are after stands in packages/core/test/model/arbitrary.ts. */
const SHARES = {
  ages: 2,
  any: 4,
  copies: 3,
  two: 3,
  skip: 2,
  base: 1,
  faults: 1,
  flicker: 1,
  hides: 1,
  looks: 1,
  people: 1,
  reuse: 1,
  sums: 1,
};

const USAGE = `npm run test:model [-- OPTION…]

Plays random histories of a modelled maildrop against the core and holds the promise against them: every message once.

  --histories N     (100000)
  --seed N          other histories (1)
  --aim AIM         only such histories: ${Object.keys(SHARES).join(", ")}
  --parallel N      processes (as many as there are processors)
  --path PATH       with --seed and --aim of a verdict: that history again
  --replay HISTORY  plays the history of a verdict and shows each step`;

const { values } = readOptions(USAGE, {
  seed: { type: "string", default: "1" },
  histories: { type: "string", default: "100000" },
  aim: { type: "string" },
  parallel: { type: "string", default: String(availableParallelism()) },
  path: { type: "string", default: "" },
  replay: { type: "string" },
});
if (values.aim !== undefined && !Object.hasOwn(SHARES, values.aim))
  refuse(USAGE, `--aim is one of ${Object.keys(SHARES).join(", ")}, not ${values.aim}`);
const [seed, wanted, parallel] = [
  wholeNumber(USAGE, "--seed", values.seed),
  wholeNumber(USAGE, "--histories", values.histories, 1),
  wholeNumber(USAGE, "--parallel", values.parallel, 1),
];
const start = performance.now();
const total = { histories: 0, runs: 0, crashes: 0, retrieved: 0, excused: 0 };
/** @type {import("node:child_process").ChildProcess[]} */
const children = [];
const main = join(compileModel(), "test/model/main.js");
process.exitCode = values.replay === undefined ? await searchAll() : await replay(values.replay);

async function searchAll() {
  const aims = Object.entries(SHARES).flatMap(([aim, share]) => Array(share).fill(aim));
  /** @type {{ aim: string, seed: number, count: number, path: string }[]} */
  const blocks = [];
  for (let from = 0, n = 0; from < wanted; from += BLOCK, n++)
    blocks.push({
      aim: values.aim ?? aims[(n * 7) % aims.length],
      // Each block says its own seed: to play it again alone, give that with --aim and --path.
      seed: seed + n,
      count: Math.min(BLOCK, wanted - from),
      path: values.path,
    });
  const workers = Math.min(parallel, blocks.length);
  const shares = Array.from({ length: workers }, (_, at) => blocks.filter((_, n) => n % workers === at));
  const found = (await Promise.all(shares.map(search))).find((one) => one !== null);
  const counts = `${total.histories} histories, ${total.runs} runs, ${total.crashes} crashes, ${total.retrieved} messages retrieved`;
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  if (found === undefined) {
    console.log(`${counts}: lost 0, twice 0; ${seconds} s`);
    return 0;
  }
  console.log(`${counts}; ${seconds} s\n\n${found.verdict}\n`);
  const { aim, seed: foundAt, path } = found;
  console.log(`--aim ${aim} --seed ${foundAt} --path ${path}\n--replay '${JSON.stringify(found.history)}'\n`);
  await replay(JSON.stringify(found.history));
  return 1;
}

/**
 * One process's share; gives what broke a promise, null if nothing did.
 * @param {object[]} blocks
 */
async function search(blocks) {
  let last = { histories: 0, runs: 0, crashes: 0, retrieved: 0, excused: 0 };
  let found = null;
  for await (const { tally, found: broken } of lines({ blocks })) {
    last = tally;
    if (broken === null) continue;
    found = broken;
    for (const child of children) child.kill();
  }
  for (const key of /** @type {(keyof typeof total)[]} */ (Object.keys(total))) total[key] += last[key];
  return found;
}

/** @param {string} history */
async function replay(history) {
  for await (const line of lines({ replay: JSON.parse(history) })) {
    if (typeof line === "string") console.log(line);
    else {
      console.log(
        line.verdict === null ? "every promise holds" : `${line.verdict.kind}: ${line.verdict.detail}`,
      );
      return line.verdict === null ? 0 : 1;
    }
  }
  return 1;
}

/**
 * What a process with this order says. One that ends otherwise than by its end or by our hand is an error.
 * @param {object} order
 */
async function* lines(order) {
  const child = spawn(process.execPath, [main, JSON.stringify(order)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  children.push(child);
  const ended = new Promise((resolve) => child.once("exit", (code) => resolve(code)));
  for await (const line of createInterface({ input: child.stdout })) yield JSON.parse(line);
  const code = await ended;
  if (code !== 0 && !child.killed) throw new Error(`a process of the model test ended with ${code}`);
}
