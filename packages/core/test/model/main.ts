// Plays one process's share of npm run test:model and of scripts/same-histories.mjs. argv: a JSON object. Standard
// output: one JSON line for each block of histories, or for each history.
import fc from "fast-check";
import { AIMS, type Aim, histories } from "./arbitrary.ts";
import type { History } from "./history.ts";
import { newTally, play } from "./play.ts";
import { search } from "./search.ts";
import { Transcript } from "./transcript.ts";

/** A number of random histories with one aim; the same seed gives the same ones. */
interface Block {
  readonly aim: Aim;
  readonly seed: number;
  readonly count: number;
}

const tally = newTally();
const order: {
  readonly replay?: History;
  readonly blocks?: readonly (Block & { readonly path?: string })[];
  /** Blocks whose histories are all played, with a line that has the digest of each one's transcript. */
  readonly digests?: readonly Block[];
} = JSON.parse(process.argv[2] ?? "{}");

if (order.replay !== undefined) {
  const transcript = new Transcript();
  const verdict = await play(order.replay, tally, (line) => transcript.add(line));
  for (const line of transcript.lines) tell(line);
  tell({ verdict });
}
for (const { aim, seed, count, path } of order.blocks ?? []) {
  if (!AIMS.includes(aim)) throw new Error(`there is no aim ${aim}`);
  const found = await search(aim, seed, count, tally, path === undefined ? {} : { path });
  tell({ tally, found });
  if (found !== null) break;
}
for (const { aim, seed, count } of order.digests ?? [])
  for (const history of fc.sample(histories(aim), { seed, numRuns: count })) {
    const transcript = new Transcript();
    await play(history, tally, (line) => transcript.add(line));
    tell({ digest: transcript.digest(), lines: transcript.lines.length, history });
  }

function tell(line: unknown): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}
