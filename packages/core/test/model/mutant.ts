// One mutant of npm run test:mutants: argv is how many histories of each aim to play, standard output what saw it.
import { counterexamples, fetchConformance } from "../../src/conformance/index.ts";
import { InMemoryStore } from "../../src/memory/index.ts";
import { AIMS } from "./arbitrary.ts";
import { found } from "./found.ts";
import { newTally, play } from "./play.ts";
import { search } from "./search.ts";

const count = Number(process.argv[2]);
process.stdout.write(`${JSON.stringify({ byCases: await cases(), byModel: await model() })}\n`);
// A run that was killed in a case waits for ever.
process.exit(0);

/** The first conformance case that fails, or history that was found once; null if all hold. */
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

/** The first promise that is broken in random histories. */
async function model(): Promise<string | null> {
  for (const aim of AIMS) {
    const broken = await search(aim, 1, count, newTally(), { shrink: false });
    if (broken !== null) return broken.verdict;
  }
  return null;
}
