import { existsSync, readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import type { Fault, Pop3Server, RunningProcess } from "@mailonce/testkit";
import { type CommandEnd, endOf, fetchUntilDone, startFetch, statementLog } from "./command.ts";
import { type CrashDatabase, MARK, uniqueName } from "./crash-database.ts";
import type { Course, CrashPoint } from "./crash-points.ts";
import { MysqlProxy } from "./mysql-proxy.ts";
import type { Scenario } from "./scenarios.ts";
import { placeOf, type Statement } from "./statements.ts";
import { compareStored, type Difference, isSound } from "./stored-check.ts";

/** Where databases come from. */
export interface DatabaseSource {
  readonly create: () => Promise<CrashDatabase>;
  /** The port of the database server, null for files. */
  readonly port: number | null;
}

/** What became of one crash. */
export interface CrashResult {
  /** False: the command had ended before it got there. */
  readonly reached: boolean;
  readonly difference: Difference;
  /** Runs that it took until all was done. */
  readonly reruns: number;
  /** What was wrong, in words; empty if nothing was. */
  readonly troubles: readonly string[];
}

/** Runs the scenario without a crash and writes down its steps. */
export async function courseOf(scenario: Scenario, source: DatabaseSource): Promise<Course> {
  await using database = await source.create();
  await using server = await scenario.prepare(database);
  const sessions = server.sessions.length;
  const log = statementLog(uniqueName());
  let statements: readonly Statement[];
  let end: CommandEnd;
  if (source.port === null) {
    end = await endOf(await startFetch(server, database.url, { log }));
    const lines = existsSync(log) ? readFileSync(log, "utf8").trimEnd().split("\n") : [];
    statements = lines.map((line, index) => ({ number: index + 1, sql: JSON.parse(line) as string }));
  } else {
    await using proxy = await MysqlProxy.start(source.port);
    end = await endOf(await startFetch(server, proxy.urlOf(database.url)));
    statements = [...proxy.statements];
  }
  const commands = server.sessions[sessions]?.commands ?? [];
  if (commands.length === 0 || statements.length === 0)
    throw new Error(
      `${scenario.name} does not run: ${commands.length} commands, ${statements.length} statements: ${end.output}`,
    );
  return { commands, statements: statements.map(placeOf) };
}

/** Kills the command there, runs it again until all is done, and compares what is stored with what was sent. */
export async function crash(
  scenario: Scenario,
  source: DatabaseSource,
  point: CrashPoint,
  pauseMs: number,
): Promise<CrashResult> {
  await using database = await source.create();
  await using server = await scenario.prepare(database);
  const served = server.maildrop.messages.map(({ bytes }) => bytes);
  const troubles: string[] = [];
  const reached = await strikeAt(server, database, source, point, { pauseMs, troubles });
  server.faults = [];

  const atOnce = await compareStored(database.url, served);
  if (!isSound(atOnce)) troubles.push(`right after the crash: ${JSON.stringify(atOnce)}`);

  const wanted = scenario.heal === undefined ? 0 : 65;
  const ends = [...(await fetchUntilDone(server, database.url, wanted))];
  if (ends.at(-1)?.exitCode !== wanted)
    troubles.push(
      `after the crash it ended with ${ends.map(({ exitCode }) => exitCode)}: ${ends.at(-1)?.output}`,
    );
  if (scenario.heal !== undefined) {
    const storable = served.filter((bytes) => !Buffer.from(bytes).includes(MARK));
    const before = await compareStored(database.url, storable);
    if (!isSound(before) || before.losses > 0)
      troubles.push(`with one that cannot be stored: ${JSON.stringify(before)}`);
    await scenario.heal(database);
    ends.push(...(await fetchUntilDone(server, database.url)));
  }
  const difference = await compareStored(database.url, served);
  if (!isSound(difference) || difference.losses > 0)
    troubles.push(`in the end: ${JSON.stringify(difference)}`);
  if (server.count("DELE") > 0) troubles.push("it sent DELE");
  return { reached, difference, reruns: ends.length, troubles };
}

/** @returns whether the command got there */
async function strikeAt(
  server: Pop3Server,
  database: CrashDatabase,
  source: DatabaseSource,
  point: CrashPoint,
  { pauseMs, troubles }: { readonly pauseMs: number; readonly troubles: string[] },
): Promise<boolean> {
  if (point.kind !== "statement") {
    const killed = new Victim();
    const connections = server.sessions.length;
    server.faults = [faultAt(point, connections + 1, () => killed.kill(pauseMs))];
    const child = await startFetch(server, database.url);
    killed.is(child);
    if (point.kind === "command") {
      const arrived = (): boolean =>
        (server.sessions[connections]?.commands ?? []).filter((line) => line.startsWith(point.verb))
          .length === point.nth;
      await Promise.race([server.waitFor(arrived), child.ended]);
      await killed.kill(pauseMs);
    }
    return (await child.ended) === null;
  }
  const { number, moment, delayMs } = point;
  if (source.port === null) {
    if (moment === "answered") throw new Error("SQLite has no answers on their way");
    const child = await startFetch(server, database.url, { number, moment, delayMs });
    return (await child.ended) === null;
  }
  await using proxy = await MysqlProxy.start(source.port);
  const at = (statement: Statement): boolean => statement.number === number;
  if (point.blow === "cut") {
    proxy.strike = { at, moment, strike: (connection) => connection.cut() };
    const end = await endOf(await startFetch(server, proxy.urlOf(database.url)));
    if (![0, 65, 69].includes(end.exitCode ?? -1) || end.notes.some((line) => /^\s+at |internal/.test(line)))
      troubles.push(`without its database it ended with ${end.exitCode}: ${end.output}`);
    return proxy.strike === null;
  }
  const killed = new Victim();
  proxy.strike = { at, moment, strike: () => void killed.kill(pauseMs) };
  const child = await startFetch(server, proxy.urlOf(database.url));
  killed.is(child);
  return (await child.ended) === null;
}

/** A process that may be struck before it is known here. */
export class Victim {
  readonly is: (child: RunningProcess) => void;
  readonly #child: Promise<RunningProcess>;

  constructor() {
    let is: (child: RunningProcess) => void = () => {};
    this.#child = new Promise((resolve) => {
      is = resolve;
    });
    this.is = is;
  }

  /** SIGKILL, so long after now; resolves when it is dead. */
  async kill(pauseMs: number): Promise<void> {
    const child = await this.#child;
    // What the server has sent may have reached the command or not: both are wanted.
    if (pauseMs > 0) await delay(pauseMs);
    child.kill("SIGKILL");
    await child.ended;
  }
}

function faultAt(
  point: Exclude<CrashPoint, { readonly kind: "statement" }>,
  connection: number,
  strike: () => Promise<void>,
): Fault {
  const { verb, nth } = point;
  if (point.kind === "command") return { at: { verb, nth, connection }, do: "stall" };
  return { at: { verb, nth, connection, afterOctets: point.afterOctets }, do: "hold", until: strike };
}
