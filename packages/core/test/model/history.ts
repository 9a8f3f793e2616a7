import type { Wish } from "./wish.ts";

/**
 * How a server makes unique-ids: by counting, long ones, from the header, none, used again after a deletion, half of
 * them empty, equal for copies of one content.
 */
export type IdHabit = "numbers" | "long" | "of-header" | "none" | "reused" | "empty" | "of-content";
/** The octets that LIST gives: the right ones, those of one session ago, or sometimes one too many. */
export type SizeHabit = "exact" | "late" | "flaky";
export type TopHabit = "ok" | "refused" | "lies";
/** A fault of one listing: it is empty, or the newer or the older half; UIDL is refused; UIDL or LIST lacks a line. */
export type Flap = "none" | "empty" | "newer" | "older" | "no-uidl" | "uidl-gap" | "list-gap";
/**
 * A fault of a message: RETR is refused or cut off, it kills the client, the database refuses it, it forges replies, its
 * reply is left out where commands are pipelined.
 */
export type Fault = "refused" | "cut" | "kill" | "database" | "forge" | "leave out";

/** The habits of a server during a history. */
export interface Habits {
  readonly ids: IdHabit;
  /** How many of the newest (above 0) or oldest (below 0) messages are listed; 0: all. */
  readonly window: number;
  /** Whether a retrieved message is no longer listed after QUIT, and whether the run is told so. */
  readonly hides: "no" | "told" | "untold";
  readonly top: TopHabit;
  /** True if retrieved messages get a Status field at QUIT. */
  readonly marks: boolean;
  readonly sizes: SizeHabit;
  readonly pipelining: boolean;
  readonly maxOctets: number | null;
}

/** A fault of the store at a run's n-th transaction: it commits but the answer is lost, it is away, or has a conflict. */
export interface StoreTrouble {
  readonly at: number;
  readonly how: "in-doubt" | "away" | "conflict";
}

/** How one run goes. There is a step before and after each of its commands and transactions. */
export interface RunPlan {
  readonly flap: Flap;
  /** The process dies at this step. */
  readonly crashAt: number | null;
  /** Somebody else deletes a message at this step. */
  readonly deleteAt: number | null;
  readonly store: StoreTrouble | null;
  readonly limit: number | null;
  /** The consumer leaves after this many outcomes. */
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
  | { readonly do: "criteria"; readonly parity: Wish | null }
  | { readonly do: "wait" }
  /** From now on the client's clock is wrong by so many days; at the end of the history it is right. */
  | { readonly do: "clock"; readonly days: number }
  | { readonly do: "baseline"; readonly plan: RunPlan }
  /** A person has all waiting messages tried at once (retry), or one of them never again (drop). */
  | { readonly do: "retry" }
  | { readonly do: "drop"; readonly at: number }
  | { readonly do: "run"; readonly plan: RunPlan }
  /** A check, and right after it a fetch. */
  | { readonly do: "check" }
  | {
      readonly do: "two";
      /** The seed of the order in which the two runs take their steps, and how many the first one takes before. */
      readonly order: number;
      readonly ahead: number;
      readonly flap: Flap;
      readonly deleteAt: number | null;
      readonly deliverAt: number | null;
    };

/** Everything that happens to one maildrop. Plain data: it can be printed and played again. */
export interface History {
  readonly habits: Habits;
  readonly criteria: Wish | null;
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
