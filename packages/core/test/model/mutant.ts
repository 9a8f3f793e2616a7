// Tests one mutant of npm run test:mutants. argv: how many histories of each aim to play. Standard output: what failed.
import { counterexamples, fetchConformance } from "../../src/conformance/index.ts";
import { InMemoryStore } from "../../src/memory/index.ts";
import { AIMS } from "./arbitrary.ts";
import { found } from "./found.ts";
import { newTally, play } from "./play.ts";
import { search } from "./search.ts";

const count = Number(process.argv[2]);
process.stdout.write(`${JSON.stringify({ byCases: await cases(), byModel: await model() })}\n`);
// A run that was killed in a case waits for ever, so the process would not end by itself.
process.exit(0);

/** The name of the first conformance case, or history found earlier, that fails; null if none does. */
async function cases(): Promise<string | null> {
  const open = async () => new InMemoryStore();
  for (const { name, run } of [...fetchConformance, ...counterexamples])
    try {
      await run({ open });
    } catch {
      return name;
    }
  for (const { name, history } of found) if ((await play(history, newTally())) !== null) return name;
  return null;
}

/** The first promise that is broken in random histories, null if none is. */
async function model(): Promise<string | null> {
  for (const aim of AIMS) {
    const broken = await search(aim, 1, count, newTally(), { shrink: false });
    if (broken !== null) return broken.verdict;
  }
  return null;
}
