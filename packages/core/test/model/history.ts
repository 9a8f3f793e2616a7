/** How unique-ids are given: by number, from the header, not at all, used again, half of them empty, equal for copies. */
export type IdHabit = "numbers" | "long" | "of-header" | "none" | "reused" | "empty" | "of-content";
/** What LIST says: the truth, the octets of one session ago, or now and then one too many. */
export type SizeHabit = "exact" | "late" | "flaky";
export type TopHabit = "ok" | "refused" | "lies";
/** What is wrong with one listing: empty, the newer or the older half, UIDL refused, UIDL or LIST without a line. */
export type Flap = "none" | "empty" | "newer" | "older" | "no-uidl" | "uidl-gap" | "list-gap";
/** What is wrong with a message: `-ERR`, a cut in it, it kills us, the database refuses it, it forges its neighbours. */
export type Fault = "refused" | "cut" | "kill" | "database" | "forge";

/** A server's habits for the time of a history. */
export interface Habits {
  readonly ids: IdHabit;
  /** Lists so many of the newest (above 0) or oldest (below 0) messages only; 0: all. */
  readonly window: number;
  /** What was retrieved is not listed any more after QUIT, and the run is told so or not. */
  readonly hides: "no" | "told" | "untold";
  readonly top: TopHabit;
  /** True: what was retrieved gets a Status field at QUIT. */
  readonly marks: boolean;
  readonly sizes: SizeHabit;
  readonly pipelining: boolean;
  readonly maxOctets: number | null;
}

/** What a store does at a run's n-th transaction: commits and loses the answer, is away, or wants it again. */
export interface StoreTrouble {
  readonly at: number;
  readonly how: "in-doubt" | "away" | "conflict";
}

/** How one run goes. Steps count its commands and transactions, before and after each. */
export interface RunPlan {
  readonly flap: Flap;
  /** The process dies at this step. */
  readonly crashAt: number | null;
  /** A message is deleted by somebody else at this step. */
  readonly deleteAt: number | null;
  readonly store: StoreTrouble | null;
  readonly limit: number | null;
  /** The consumer leaves after so many outcomes. */
  readonly leave: { readonly after: number; readonly by: "break" | "abort" } | null;
  readonly only: "retries" | null;
}

export type Event =
  | { readonly do: "deliver"; readonly kind: number; readonly first: boolean }
  | { readonly do: "copy"; readonly of: number }
  | { readonly do: "delete"; readonly at: number }
  | { readonly do: "renumber"; readonly at: number | null }
  | { readonly do: "reorder"; readonly how: "reverse" | "rotate" }
  | { readonly do: "fault"; readonly at: number; readonly fault: Fault }
  | { readonly do: "heal" }
  | { readonly do: "criteria"; readonly parity: 0 | 1 | null }
  | { readonly do: "wait" }
  /** From now on our clock is wrong by so many days; right at the end of the history. */
  | { readonly do: "clock"; readonly days: number }
  | { readonly do: "baseline"; readonly plan: RunPlan }
  /** A person wants what waits to be tried at once, or one message that waits never to be tried again. */
  | { readonly do: "retry" }
  | { readonly do: "drop"; readonly at: number }
  | { readonly do: "run"; readonly plan: RunPlan }
  /** A check, and a fetch right after it. */
  | { readonly do: "check" }
  | {
      readonly do: "two";
      /** Seeds the order of their steps; the first run has so many steps ahead. */
      readonly order: number;
      readonly ahead: number;
      readonly flap: Flap;
      readonly deleteAt: number | null;
      readonly deliverAt: number | null;
    };

/** Everything that happens to one maildrop. Plain data: it can be printed and played again. */
export interface History {
  readonly habits: Habits;
  readonly criteria: 0 | 1 | null;
  readonly events: readonly Event[];
}

export const PLAIN_RUN: RunPlan = {
  flap: "none",
  crashAt: null,
  deleteAt: null,
  store: null,
  limit: null,
  leave: null,
  only: null,
};

export const PLAIN_HABITS: Habits = {
  ids: "numbers",
  window: 0,
  hides: "no",
  top: "ok",
  marks: false,
  sizes: "exact",
  pipelining: true,
  maxOctets: null,
};
