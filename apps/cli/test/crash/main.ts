import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { startMariaDb } from "@mailonce/testkit";
import { mariaDatabase, sqliteFile } from "./crash-database.ts";
import { crashMatrix } from "./crash-matrix.ts";
import type { DatabaseSource } from "./crash-run.ts";
import { seeded } from "./seeded.ts";

/** Writes one line to standard output. */
type Say = (line: string) => void;

/** `npm run test:crash`. @returns the exit code */
export async function main(parameters: readonly string[], say: Say): Promise<number> {
  const { values } = parseArgs({
    args: [...parameters],
    options: {
      seed: { type: "string", default: "1" },
      points: { type: "string", default: "320" },
      database: { type: "string", multiple: true, default: ["sqlite", "mariadb"] },
      only: { type: "string", default: "" },
      parallel: { type: "string", default: String(Math.max(2, availableParallelism())) },
    },
  });
  const settings = {
    seed: Number(values.seed),
    points: Number(values.points),
    parallel: Number(values.parallel),
    only: values.only,
  };
  let failures = 0;
  for (const kind of values.database) {
    if (kind === "sqlite") {
      const source = { create: async () => sqliteFile(), port: null };
      failures += await killCommands(kind, source, settings, say);
    } else if (kind === "mariadb") {
      await using server = await startMariaDb();
      const source = { create: () => mariaDatabase(server), port: server.port };
      failures += await killCommands(kind, source, settings, say);
    } else throw new Error(`--database is sqlite or mariadb, not ${kind}`);
  }
  return failures === 0 ? 0 : 1;
}

interface Settings {
  readonly seed: number;
  readonly points: number;
  readonly parallel: number;
  readonly only: string;
}

async function killCommands(
  kind: string,
  source: DatabaseSource,
  { seed, points, parallel, only }: Settings,
  say: Say,
): Promise<number> {
  const start = performance.now();
  say(`killed command on ${kind}: seed ${seed}, ${points} points wanted`);
  const attempts = await crashMatrix({
    source,
    points,
    parallel,
    random: seeded(seed),
    only: ({ name }) => name.includes(only),
    onResult: ({ scenario, point, result }) => {
      for (const trouble of result.troubles) say(`TROUBLE ${scenario}, ${JSON.stringify(point)}: ${trouble}`);
    },
  });
  const reached = attempts.filter(({ result }) => result.reached);
  for (const line of table(reached.map(({ scenario }) => scenario))) say(line);
  for (const line of table(reached.map(({ point }) => point.place))) say(line);
  const sum = (key: "duplicates" | "losses" | "strangers"): number =>
    attempts.reduce((total, { result }) => total + result.difference[key], 0);
  const troubled = attempts.filter(({ result }) => result.troubles.length > 0).length;
  const seconds = ((performance.now() - start) / 1000).toFixed(0);
  say(
    `${kind}: killed at ${reached.length} points (${attempts.length - reached.length} more ended before), ` +
      `duplicates ${sum("duplicates")}, losses ${sum("losses")}, partial or strange ${sum("strangers")}, ` +
      `troubles ${troubled}, ${seconds} s`,
  );
  return troubled;
}

/** How often each of them occurs, in the alphabet's order. */
function table(names: readonly string[]): readonly string[] {
  const counts = new Map<string, number>();
  for (const name of [...names].sort()) counts.set(name, (counts.get(name) ?? 0) + 1);
  return [...counts].map(([name, count]) => `  ${String(count).padStart(4)}  ${name}`);
}
