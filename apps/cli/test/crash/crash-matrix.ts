import { type CrashPoint, protocolPoints, spread, statementPoints } from "./crash-points.ts";
import { type CrashResult, courseOf, crash, type DatabaseSource } from "./crash-run.ts";
import { type Scenario, scenarios } from "./scenarios.ts";
import type { Moment } from "./statements.ts";

/** What is to be tried. */
export interface MatrixOptions {
  readonly source: DatabaseSource;
  /** How many points, over all scenarios. */
  readonly points: number;
  readonly random: () => number;
  /** Crashes that are tried at the same time. */
  readonly parallel: number;
  /** Told after each crash. */
  readonly onResult?: (attempt: Attempt) => void;
  readonly only?: (scenario: Scenario) => boolean;
}

/** One crash and what became of it. */
export interface Attempt {
  readonly scenario: string;
  readonly point: CrashPoint;
  readonly result: CrashResult;
}

const ON_SQLITE: readonly Moment[] = ["before", "during", "after"];
const ON_SERVER: readonly Moment[] = ["before", "during", "after", "answered"];

/** Kills the command at so many points, spread over all scenarios and places. */
export async function crashMatrix(options: MatrixOptions): Promise<readonly Attempt[]> {
  const { source, points, random } = options;
  const chosen: { readonly scenario: Scenario; readonly point: CrashPoint; readonly pauseMs: number }[] = [];
  const wanted = scenarios.filter(options.only ?? (() => true));
  for (const [index, scenario] of wanted.entries()) {
    const course = await courseOf(scenario, source);
    const all = [
      ...protocolPoints(course, random),
      ...(source.port === null
        ? statementPoints(course, "kill", ON_SQLITE, random)
        : [
            ...statementPoints(course, "kill", ON_SERVER, random),
            ...statementPoints(course, "cut", ["before", "during", "after"], random),
          ]),
    ].filter(({ place }) => scenario.only?.test(place) ?? true);
    const share = Math.ceil((points - chosen.length) / (wanted.length - index));
    // Half of them at once, half after the command had time to go on a little.
    for (const point of spread(all, share, random))
      chosen.push({ scenario, point, pauseMs: random() < 0.5 ? 0 : random() * 20 });
  }
  const attempts: Attempt[] = [];
  const queue = chosen[Symbol.iterator]();
  const worker = async (): Promise<void> => {
    for (const { scenario, point, pauseMs } of queue) {
      const result = await attempt(scenario, source, point, pauseMs);
      const done = { scenario: scenario.name, point, result };
      attempts.push(done);
      options.onResult?.(done);
    }
  };
  await Promise.all(Array.from({ length: options.parallel }, worker));
  return attempts;
}

async function attempt(
  scenario: Scenario,
  source: DatabaseSource,
  point: CrashPoint,
  pauseMs: number,
): Promise<CrashResult> {
  try {
    return await crash(scenario, source, point, pauseMs);
  } catch (error) {
    const difference = { duplicates: 0, losses: 0, strangers: 0, stored: 0 };
    return { reached: true, difference, reruns: 0, troubles: [String(error)] };
  }
}
