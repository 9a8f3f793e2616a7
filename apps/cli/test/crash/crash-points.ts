import type { Moment } from "./statements.ts";

export type Blow = "kill" | "cut";

/** Where a command is killed, or loses its database. */
export type CrashPoint = { readonly place: string } & (
  | {
      /** The server kills it after so many octets of its reply to the n-th such command. */
      readonly kind: "reply";
      readonly verb: string;
      readonly nth: number;
      readonly afterOctets: number;
    }
  | {
      /** The server kills it on the n-th such command, and does not act upon that. */
      readonly kind: "command";
      readonly verb: string;
      readonly nth: number;
    }
  | {
      readonly kind: "statement";
      readonly number: number;
      readonly moment: Moment;
      /** How long after its beginning, for `during` on SQLite. */
      readonly delayMs: number;
      /** The command is killed, or loses its connection to the database and goes on as it can. */
      readonly blow: Blow;
    }
);

/** What a run of the command that nobody kills does. */
export interface Course {
  /** Its POP3 commands, each line as the server got it. */
  readonly commands: readonly string[];
  /** What its statements belong to, in their order. */
  readonly statements: readonly string[];
}

/** Numbers from 0 up to and without 1. */
type Random = () => number;

/** Every verb of the course, at its first and at other commands, before, in and after the reply. */
export function protocolPoints(course: Course, random: Random): readonly CrashPoint[] {
  const counts = new Map<string, number>([["GREETING", 1]]);
  for (const line of course.commands) {
    const verb = (line.split(" ")[0] ?? "").toUpperCase();
    counts.set(verb, (counts.get(verb) ?? 0) + 1);
  }
  const points: CrashPoint[] = [];
  for (const [verb, count] of counts) {
    const place = (detail: string): string => (TOLD_APART.has(verb) ? `${verb}: ${detail}` : verb);
    const occurrences = new Set([
      1,
      count,
      1 + Math.floor(random() * count),
      1 + Math.floor(random() * count),
    ]);
    for (const nth of occurrences) {
      const offsets = [1, 4, 20 + Math.floor(random() * 60), 100 + Math.floor(random() * 2000), WHOLE];
      for (const afterOctets of offsets)
        points.push({ place: place("in or after the reply"), kind: "reply", verb, nth, afterOctets });
      if (verb === "GREETING") continue;
      points.push({ place: place("not acted upon"), kind: "command", verb, nth });
      points.push({ place: place("acted upon, no reply"), kind: "reply", verb, nth, afterOctets: 0 });
    }
  }
  return points;
}

/** What has places of its own for before, in and after it; the rest is one place each. */
const TOLD_APART: ReadonlySet<string> = new Set([
  "TOP",
  "RETR",
  "QUIT",
  "INSERT",
  "UPDATE",
  "COMMIT",
  "migration",
]);

/** More octets than any reply has: the fault comes behind it. */
const WHOLE = 1e9;

/** Every statement of the course, before it, in it and after it. */
export function statementPoints(
  course: Course,
  blow: Blow,
  moments: readonly Moment[],
  random: Random,
): readonly CrashPoint[] {
  return course.statements.flatMap((statement, index) =>
    moments.map((moment) => {
      const detail = TOLD_APART.has(statement.split(" ")[0] ?? "") ? `${statement}: ${moment}` : statement;
      const place = blow === "kill" ? detail : `database connection cut at ${detail}`;
      return { place, kind: "statement", number: index + 1, moment, blow, delayMs: random() ** 2 * 4 };
    }),
  );
}

/** So many of the points, of each place as equal a number as there are. */
export function spread(points: readonly CrashPoint[], count: number, random: Random): readonly CrashPoint[] {
  const groups = new Map<string, CrashPoint[]>();
  for (const point of points) {
    const group = groups.get(point.place) ?? [];
    groups.set(point.place, group);
    group.push(point);
  }
  const lists = [...groups.values()].map((group) => shuffled(group, random));
  const chosen: CrashPoint[] = [];
  for (let round = 0; chosen.length < count && lists.some((list) => list.length > round); round++) {
    for (const list of shuffled(lists, random)) {
      const point = list[round];
      if (point !== undefined && chosen.length < count) chosen.push(point);
    }
  }
  return chosen;
}

function shuffled<Value>(values: readonly Value[], random: Random): readonly Value[] {
  return values
    .map((value) => ({ value, key: random() }))
    .sort((a, b) => a.key - b.key)
    .map(({ value }) => value);
}
