// One process's share of npm run test:model: argv is a JSON object, standard output one JSON line per block.
import { AIMS, type Aim } from "./arbitrary.ts";
import type { History } from "./history.ts";
import { newTally, play } from "./play.ts";
import { search } from "./search.ts";

const tally = newTally();
const order: {
  readonly replay?: History;
  readonly blocks?: readonly {
    readonly aim: Aim;
    readonly seed: number;
    readonly count: number;
    readonly path?: string;
  }[];
} = JSON.parse(process.argv[2] ?? "{}");

if (order.replay !== undefined) tell({ verdict: await play(order.replay, tally, tell) });
for (const { aim, seed, count, path } of order.blocks ?? []) {
  if (!AIMS.includes(aim)) throw new Error(`there is no aim ${aim}`);
  const found = await search(aim, seed, count, tally, path === undefined ? {} : { path });
  tell({ tally, found });
  if (found !== null) break;
}

function tell(line: unknown): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}
