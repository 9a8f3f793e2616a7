import { startMariaDb, startMySql } from "@mailonce/testkit";
import { mariaDatabase, mySqlDatabase, sqliteFile } from "./crash-database.ts";
import { crashMatrix } from "./crash-matrix.ts";
import type { DatabaseSource } from "./crash-run.ts";
import { fullDisk } from "./full-disk.ts";
import { killExport } from "./killed-export.ts";
import { killIndex } from "./killed-index.ts";
import { type NetworkTrial, networkTrial } from "./network-fault.ts";
import { seeded } from "./seeded.ts";

/** Writes one line to standard output. */
type Say = (line: string) => void;

/** Stalls make most of a network trial: many go at once. */
const NETWORK_PARALLEL = 4;

/** How much is tried. */
export interface Settings {
  readonly seed: number;
  /** Points at which the command is killed, for each database. */
  readonly points: number;
  /** Points at which indexing is killed, for each database. */
  readonly index: number;
  /** Sessions that are broken. */
  readonly network: number;
  readonly databases: readonly string[];
  /** The program of MySQL, where that is among the databases. */
  readonly mysqld: string;
  readonly parallel: number;
  /** A part of the scenarios' names. */
  readonly only: string;
}

/** `npm run test:crash`. @returns the exit code */
export async function main(settings: Settings, say: Say): Promise<number> {
  const { network } = settings;
  let failures = 0;
  for (const kind of settings.databases) {
    if (kind === "sqlite") {
      const source = { create: async () => sqliteFile(), port: null };
      failures += await killCommands(kind, source, settings, say);
      failures += await killIndexing(kind, source, settings, say);
      failures += await killExports(kind, source, settings, say);
      if (settings.points > 0) failures += await fillDisks(say);
      if (network > 0) failures += await breakNetwork("sqlite", Math.ceil(network / 4), settings.seed, say);
    } else if (kind === "mariadb") {
      await using server = await startMariaDb();
      const source = { create: () => mariaDatabase(server), port: server.port };
      failures += await killCommands(kind, source, settings, say);
      failures += await killIndexing(kind, source, settings, say);
      failures += await killExports(kind, source, settings, say);
    } else {
      await using server = await startMySql(settings.mysqld);
      const source = { create: () => mySqlDatabase(server), port: Number(new URL(server.url).port) };
      failures += await killCommands(kind, source, settings, say);
      failures += await killIndexing(kind, source, settings, say);
      failures += await killExports(kind, source, settings, say);
    }
  }
  if (network > 0) failures += await breakNetwork("memory", network, settings.seed, say);
  return failures === 0 ? 0 : 1;
}

async function killCommands(
  kind: string,
  source: DatabaseSource,
  { seed, points, parallel, only }: Settings,
  say: Say,
): Promise<number> {
  if (points === 0) return 0;
  const start = performance.now();
  say(
    `the command killed, or its database connection cut, on ${kind}: seed ${seed}, ${points} points wanted`,
  );
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
  say(
    `${kind}: struck at ${reached.length} points (${attempts.length - reached.length} more ended before), ` +
      `duplicates ${sum("duplicates")}, losses ${sum("losses")}, partial or strange ${sum("strangers")}, ` +
      `troubles ${troubled}, done again after at most ${Math.max(...attempts.map(({ result }) => result.reruns))} runs, ` +
      `${secondsSince(start)} s`,
  );
  return troubled;
}

async function killIndexing(
  kind: string,
  source: DatabaseSource,
  { seed, index: points, parallel }: Settings,
  say: Say,
): Promise<number> {
  if (points === 0) return 0;
  const start = performance.now();
  const { killed, statements, troubles } = await killIndex({
    source,
    points,
    parallel,
    random: seeded(seed),
  });
  for (const trouble of troubles) say(`TROUBLE index killed on ${kind}: ${trouble}`);
  say(
    `${kind}: index killed at ${killed} points of ${points}, over its ${statements} statements, ` +
      `troubles ${troubles.length}, ${secondsSince(start)} s`,
  );
  return troubles.length;
}

async function killExports(
  kind: string,
  source: DatabaseSource,
  { seed, points }: Settings,
  say: Say,
): Promise<number> {
  if (points === 0) return 0;
  await using database = await source.create();
  const wanted = Math.ceil(points / 3);
  const { killed, midway, troubles } = await killExport(database, wanted, seeded(seed));
  for (const trouble of troubles) say(`TROUBLE export killed on ${kind}: ${trouble}`);
  say(
    `${kind}: export killed ${killed} times of ${wanted}, ${midway} times between messages, troubles ${troubles.length}`,
  );
  return troubles.length;
}

async function fillDisks(say: Say): Promise<number> {
  let failures = 0;
  for (const kibibytes of [64, 200, 320, 480]) {
    const troubles = await fullDisk(kibibytes);
    if (troubles === null) {
      say("full disk: not tried, this user may not mount a tmpfs");
      break;
    }
    for (const trouble of troubles) say(`TROUBLE full disk of ${kibibytes} KiB: ${trouble}`);
    failures += troubles.length;
    if (troubles.length === 0) say(`full disk of ${kibibytes} KiB: duplicates 0, losses 0`);
  }
  return failures;
}

async function breakNetwork(
  kind: "memory" | "sqlite",
  count: number,
  seed: number,
  say: Say,
): Promise<number> {
  const start = performance.now();
  const trials: NetworkTrial[] = [];
  const seeds = Array.from({ length: count }, (_, index) => seed * 10_000 + index)[Symbol.iterator]();
  const worker = async (): Promise<void> => {
    for (const next of seeds) {
      const trial = await networkTrial(next, kind);
      for (const trouble of trial.troubles) say(`TROUBLE ${trial.what}: ${trouble}`);
      trials.push(trial);
    }
  };
  await Promise.all(Array.from({ length: NETWORK_PARALLEL }, worker));
  const struck = trials.filter((trial) => trial.struck);
  for (const line of table(struck.map((trial) => `${trial.kind} at ${trial.verb}`))) say(line);
  const sum = (key: "duplicates" | "losses"): number =>
    trials.reduce((total, trial) => total + trial[key], 0);
  const troubled = trials.filter(({ troubles }) => troubles.length > 0).length;
  say(
    `network, store in ${kind}: ${struck.length} runs with faults of ${trials.length}, duplicates ` +
      `${sum("duplicates")}, losses ${sum("losses")}, troubles ${troubled}, ${secondsSince(start)} s`,
  );
  return troubled;
}

/** How often each of them occurs, in the alphabet's order. */
function table(names: readonly string[]): readonly string[] {
  const counts = new Map<string, number>();
  for (const name of [...names].sort((one, other) => (one < other ? -1 : 1)))
    counts.set(name, (counts.get(name) ?? 0) + 1);
  return [...counts].map(([name, count]) => `  ${String(count).padStart(4)}  ${name}`);
}

function secondsSince(start: number): string {
  return ((performance.now() - start) / 1000).toFixed(0);
}
