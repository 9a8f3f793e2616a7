import fc from "fast-check";
import {
  type Event,
  type Fault,
  type Flap,
  type Habits,
  type History,
  PLAIN_HABITS,
  PLAIN_RUN,
  type RunPlan,
} from "./history.ts";
import type { Wish } from "./wish.ts";

/** What a generator of histories tries to provoke; `any` tries a little of everything. */
export type Aim =
  | "any"
  | "copies"
  | "two"
  | "reuse"
  | "skip"
  | "base"
  | "sums"
  | "looks"
  | "faults"
  | "flicker"
  | "hides"
  | "people"
  | "ages";

export const AIMS: readonly Aim[] = [
  "any",
  "copies",
  "two",
  "reuse",
  "skip",
  "base",
  "sums",
  "looks",
  "faults",
  "flicker",
  "hides",
  "people",
  "ages",
];

const number = (max: number): fc.Arbitrary<number> => fc.noBias(fc.nat({ max }));
const one = <T>(...values: readonly T[]): fc.Arbitrary<T> => fc.constantFrom(...values);
/** Generates each value as often as its weight says. */
const weighted = <T>(...values: readonly (readonly [T, number])[]): fc.Arbitrary<T> =>
  fc.constantFrom(...values.flatMap(([value, weight]) => Array<T>(weight).fill(value)));

const FLAPS: readonly Flap[] = ["empty", "newer", "older", "no-uidl", "uidl-gap", "list-gap"];
const FAULTS: readonly Fault[] = ["refused", "cut", "kill", "database", "forge", "leave out"];

const TIMED = ["old", "old", "old odd", "young"] as const satisfies readonly Wish[];

const plain: fc.Arbitrary<RunPlan> = fc.constant(PLAIN_RUN);
const flapping: fc.Arbitrary<RunPlan> = one(...FLAPS).map((flap) => ({ ...PLAIN_RUN, flap }));
const crashing: fc.Arbitrary<RunPlan> = number(30).map((n) => ({ ...PLAIN_RUN, crashAt: n + 1 }));
const anyPlan: fc.Arbitrary<RunPlan> = fc.record({
  flap: weighted<Flap>(
    ["none", 12],
    ["empty", 1],
    ["newer", 1],
    ["older", 1],
    ["no-uidl", 1],
    ["uidl-gap", 1],
    ["list-gap", 1],
  ),
  crashAt: fc.oneof(
    { weight: 7, arbitrary: fc.constant(null) },
    { weight: 3, arbitrary: number(30).map((n) => n + 1) },
  ),
  deleteAt: fc.oneof(
    { weight: 9, arbitrary: fc.constant(null) },
    { weight: 1, arbitrary: number(14).map((n) => n + 1) },
  ),
  store: fc.oneof(
    { weight: 8, arbitrary: fc.constant(null) },
    {
      weight: 2,
      arbitrary: fc.record({
        at: number(4).map((n) => n + 1),
        how: one("in-doubt" as const, "away" as const, "conflict" as const),
      }),
    },
  ),
  limit: weighted<number | null>([null, 8], [1, 1], [2, 1]),
  leave: fc.oneof(
    { weight: 9, arbitrary: fc.constant(null) },
    {
      weight: 1,
      arbitrary: fc.record({
        after: number(3).map((n) => n + 1),
        by: one("break" as const, "abort" as const),
      }),
    },
  ),
  only: weighted<"retries" | null>([null, 14], ["retries", 1]),
});

const events = {
  deliver: fc.record({
    do: fc.constant("deliver" as const),
    kind: number(8),
    first: weighted([false, 3], [true, 1]),
  }),
  weak: fc.record({
    do: fc.constant("deliver" as const),
    kind: number(3).map((body) => 4 + body),
    first: weighted([false, 3], [true, 1]),
  }),
  copy: fc.record({ do: fc.constant("copy" as const), of: number(11) }),
  delete: fc.record({ do: fc.constant("delete" as const), at: number(11) }),
  renumber: fc.record({
    do: fc.constant("renumber" as const),
    at: fc.oneof(fc.constant(null), number(5)),
  }),
  reorder: fc.record({
    do: fc.constant("reorder" as const),
    how: one("reverse" as const, "rotate" as const),
  }),
  fault: fc.record({ do: fc.constant("fault" as const), at: number(11), fault: one(...FAULTS) }),
  heal: fc.constant({ do: "heal" as const }),
  criteria: fc.record({ do: fc.constant("criteria" as const), parity: one(null, 0 as const, 1 as const) }),
  wish: fc.record({ do: fc.constant("criteria" as const), parity: one<Wish | null>(null, 0, ...TIMED) }),
  wait: fc.constant({ do: "wait" as const }),
  clock: fc.record({ do: fc.constant("clock" as const), days: one(0, 1, -1, 4000, -4000) }),
  baseline: fc.record({ do: fc.constant("baseline" as const), plan: fc.oneof(plain, plain, crashing) }),
  retry: fc.constant({ do: "retry" as const }),
  drop: fc.record({ do: fc.constant("drop" as const), at: number(11) }),
  run: fc.record({ do: fc.constant("run" as const), plan: plain }),
  check: fc.constant({ do: "check" as const }),
  crash: fc.record({ do: fc.constant("run" as const), plan: crashing }),
  flap: fc.record({ do: fc.constant("run" as const), plan: flapping }),
  anyRun: fc.record({ do: fc.constant("run" as const), plan: anyPlan }),
  two: fc.record({
    do: fc.constant("two" as const),
    order: number(9999),
    ahead: number(8),
    flap: weighted<Flap>(["none", 3], ["newer", 1]),
    deleteAt: fc.oneof({ weight: 2, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: number(12) }),
    deliverAt: fc.oneof({ weight: 4, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: number(12) }),
  }),
};

type Weights = Partial<Record<keyof typeof events, number>>;

const WEIGHTS: Readonly<Record<Aim, Weights>> = {
  any: {
    deliver: 30,
    copy: 8,
    delete: 10,
    renumber: 6,
    reorder: 4,
    fault: 4,
    heal: 3,
    criteria: 3,
    wait: 2,
    clock: 2,
    baseline: 3,
    check: 3,
    two: 6,
    anyRun: 23,
  },
  copies: {
    deliver: 6,
    copy: 6,
    delete: 2,
    renumber: 4,
    run: 6,
    crash: 5,
    flap: 4,
    two: 4,
    baseline: 1,
    reorder: 1,
    fault: 1,
    heal: 1,
  },
  two: {
    deliver: 6,
    copy: 4,
    delete: 2,
    renumber: 3,
    run: 2,
    crash: 2,
    two: 9,
    baseline: 1,
    reorder: 1,
    criteria: 1,
  },
  reuse: {
    deliver: 8,
    copy: 1,
    delete: 6,
    run: 6,
    crash: 1,
    flap: 1,
    two: 1,
    renumber: 1,
    fault: 1,
    heal: 1,
  },
  skip: {
    deliver: 7,
    copy: 2,
    delete: 2,
    run: 6,
    crash: 2,
    flap: 2,
    two: 1,
    renumber: 5,
    criteria: 5,
    check: 2,
    baseline: 1,
  },
  base: { deliver: 5, copy: 7, delete: 2, renumber: 4, run: 4, flap: 4, two: 2, baseline: 5, reorder: 2 },
  sums: { deliver: 8, delete: 6, run: 5 },
  looks: { weak: 8, deliver: 1, delete: 5, run: 8, flap: 1, crash: 1 },
  faults: {
    deliver: 8,
    copy: 1,
    fault: 6,
    heal: 2,
    run: 5,
    crash: 2,
    two: 1,
    delete: 1,
    wait: 1,
    clock: 1,
    criteria: 1,
  },
  flicker: {
    weak: 6,
    deliver: 2,
    copy: 3,
    delete: 5,
    renumber: 1,
    run: 7,
    crash: 1,
    two: 2,
    flap: 1,
    baseline: 1,
  },
  hides: {
    deliver: 8,
    weak: 2,
    copy: 2,
    delete: 1,
    run: 5,
    crash: 3,
    two: 1,
    baseline: 2,
    fault: 1,
    heal: 1,
    criteria: 1,
  },
  people: {
    deliver: 8,
    copy: 2,
    delete: 1,
    renumber: 1,
    fault: 6,
    heal: 2,
    run: 6,
    crash: 1,
    two: 1,
    wait: 1,
    criteria: 1,
    retry: 3,
    drop: 3,
  },
  ages: {
    deliver: 8,
    weak: 2,
    copy: 1,
    delete: 2,
    run: 7,
    crash: 2,
    flap: 1,
    two: 1,
    renumber: 1,
    wish: 2,
    wait: 8,
    clock: 1,
    check: 2,
    baseline: 1,
    fault: 1,
    heal: 1,
  },
};

const anyHabits: fc.Arbitrary<Habits> = fc
  .record({
    ids: weighted<Habits["ids"]>(
      ["numbers", 3],
      ["long", 1],
      ["of-header", 1],
      ["none", 1],
      ["reused", 1],
      ["empty", 1],
      ["of-content", 1],
    ),
    window: weighted([0, 4], [2, 1], [-2, 1], [3, 1]),
    hides: weighted<Habits["hides"]>(["no", 8], ["told", 2], ["untold", 1]),
    top: weighted<Habits["top"]>(["ok", 4], ["refused", 1], ["lies", 1]),
    marks: weighted([false, 3], [true, 1]),
    sizes: weighted<Habits["sizes"]>(["exact", 3], ["late", 1], ["flaky", 1]),
    pipelining: fc.boolean(),
    maxOctets: weighted<number | null>([null, 8], [105, 1], [111, 1]),
  })
  // Providers that hide retrieved messages list a number of the oldest ones.
  .map((habits) =>
    habits.hides !== "no" && habits.window > 0 ? { ...habits, window: -habits.window } : habits,
  );

const windows = weighted([0, 2], [2, 1], [-2, 1], [3, 1]);

/** The habits of servers that are special to an aim; the others are those of `COMMON`. */
type AimedHabits = { readonly [Name in keyof Habits]?: fc.Arbitrary<Habits[Name]> };

const COMMON: Required<AimedHabits> = {
  ids: one("numbers"),
  window: fc.constant(PLAIN_HABITS.window),
  hides: fc.constant(PLAIN_HABITS.hides),
  top: weighted<Habits["top"]>(["ok", 4], ["refused", 1], ["lies", 1]),
  marks: weighted([false, 5], [true, 1]),
  sizes: weighted<Habits["sizes"]>(["exact", 3], ["late", 1]),
  pipelining: fc.boolean(),
  maxOctets: fc.constant(PLAIN_HABITS.maxOctets),
};

const AIMED: Readonly<Record<Exclude<Aim, "any">, AimedHabits>> = {
  copies: { ids: weighted(["numbers", 3], ["reused", 1], ["of-content", 1], ["empty", 1]), window: windows },
  two: { ids: weighted(["numbers", 2], ["reused", 1], ["empty", 1], ["of-header", 1]), window: windows },
  reuse: { ids: weighted(["reused", 2], ["numbers", 1]) },
  skip: { ids: weighted(["numbers", 2], ["reused", 1], ["empty", 1]), window: windows },
  base: {
    ids: weighted(["numbers", 2], ["reused", 1]),
    window: windows,
    top: fc.constant(PLAIN_HABITS.top),
  },
  sums: { ids: one("reused") },
  looks: { ids: one("none", "empty", "of-header", "of-content") },
  faults: {
    ids: one("numbers", "none", "empty", "of-header", "of-content"),
    hides: weighted(["no", 3], ["told", 1]),
  },
  people: { ids: weighted(["numbers", 3], ["long", 1], ["none", 1], ["of-header", 1]) },
  ages: {
    ids: weighted(["numbers", 4], ["reused", 1], ["none", 1], ["of-header", 1]),
    window: weighted([0, 4], [2, 1], [-2, 1]),
    hides: weighted(["no", 5], ["told", 1]),
  },
  flicker: {
    ids: one("numbers", "reused", "empty", "of-header", "of-content"),
    marks: fc.boolean(),
    sizes: one("late", "flaky"),
  },
  hides: {
    ids: one("numbers", "reused", "none", "empty", "of-header"),
    window: one(0, -2, -3),
    hides: weighted(["told", 3], ["untold", 1]),
  },
};

/** Generates histories with this aim. */
export function histories(aim: Aim): fc.Arbitrary<History> {
  const weights = Object.entries(WEIGHTS[aim]) as [keyof typeof events, number][];
  const event = fc.oneof(
    ...weights.map(([name, weight]) => ({ weight, arbitrary: events[name] as fc.Arbitrary<Event> })),
  );
  return fc.record({
    habits: aim === "any" ? anyHabits : fc.record({ ...COMMON, ...AIMED[aim] }),
    criteria: aim === "ages" ? one(...TIMED) : weighted<Wish | null>([null, 3], [0, 1], [1, 1]),
    events: fc.array(event, { minLength: 0, maxLength: 12, size: "max" }),
  });
}
