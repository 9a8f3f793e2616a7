// Is Mailonce slower than it was? Both builds do the same rows in turns, round by round.
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { build, installPackages, root, run } from "../../scripts/setup.mjs";
import { cacheFolder } from "./cache.mjs";
import { hasFailed, measureRows } from "./measure-rows.mjs";
import { median } from "./statistics.mjs";

/** What a change of the hot path touches, in some minutes. */
const ROWS = ["first-0", "large-200", "criteria", "start-up"];
/** Medians of so many rounds vary by half of this between runs on a quiet machine. */
const MOST = 1.15;
const BEFORE = "before";

/** @typedef {import("./compare.mjs").Result} Result */

/**
 * @param {{ readonly names: readonly string[], readonly rounds: number, readonly quick: boolean, readonly against: string,
 *   readonly node: string }} wish
 * @returns {Promise<number>} the exit code: 1 if a row is slower than at that commit, or failed
 */
export async function checkRows({ names, rounds, quick, against, node }) {
  const builds = [
    { name: "", node, root },
    { name: BEFORE, node, root: builtAt(against) },
  ];
  const wanted = names.length === 0 ? ROWS : names;
  const measured = await measureRows({ names: wanted, rounds, quick, builds, alone: true });
  const compared = measured.flatMap((row) =>
    row.results.flatMap((now) => {
      const before = row.results.find(
        ({ name }) => name !== now.name && name.replace(`, ${BEFORE}`, "") === now.name,
      );
      return before === undefined || now.samples.length === 0 || before.samples.length === 0
        ? []
        : [{ row: row.name, name: now.name, ...ratio(now, before) }];
    }),
  );
  for (const { row, name, wall, cpu } of compared) {
    const verdict = wall > MOST ? `  SLOWER than ${against}` : "";
    console.log(
      `${row.padEnd(12)} ${name.padEnd(44)} time x ${wall.toFixed(2)}, CPU x ${cpu.toFixed(2)}${verdict}`,
    );
  }
  for (const { name, error } of measured)
    if (error !== null) console.log(`${name.padEnd(12)} failed: ${error}`);
  return measured.some(hasFailed) || compared.some(({ wall }) => !(wall <= MOST)) ? 1 : 0;
}

/** Medians of what each round says, so that what disturbs a round disturbs both. @param {Result} now @param {Result} before */
function ratio(now, before) {
  const of = (/** @type {"seconds" | "cpuSeconds"} */ what) =>
    median(now.samples.map((sample, round) => sample[what] / (before.samples[round]?.[what] ?? Number.NaN)));
  return { wall: of("seconds"), cpu: of("cpuSeconds") };
}

/**
 * A worktree of the commit, installed and built; it is kept for the next time.
 * @param {string} commit
 */
function builtAt(commit) {
  const at = run(`finding ${commit}`, "git", ["rev-parse", "--verify", `${commit}^{commit}`]).trim();
  const folder = join(cacheFolder(), `before-${createHash("sha256").update(root).digest("hex").slice(0, 8)}`);
  if (existsSync(folder))
    run(`going to ${commit}`, "git", ["-C", folder, "checkout", "--quiet", "--force", "--detach", at]);
  else {
    run("forgetting old worktrees", "git", ["worktree", "prune"]);
    run(`taking ${commit}`, "git", ["worktree", "add", "--quiet", "--detach", folder, at]);
  }
  console.error(`Installing and building ${at.slice(0, 12)} …`);
  installPackages(folder);
  build(folder);
  return folder;
}
