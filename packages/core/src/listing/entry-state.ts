/** How a summary counts a listed message. */
export type CountedAs =
  | "new"
  | "stored"
  | "known"
  | "skipped"
  | "rebound"
  | "deferred"
  | "failed"
  | "left"
  | "retries"
  | "baselined";

interface Rule {
  readonly countedAs: CountedAs;
  /** The states that may follow, divided by blanks. */
  readonly next: string;
}

/** Where one listed message can stand in a run. */
const RULES = {
  /** The ledger says what became of it, and nothing speaks against it. */
  known: { countedAs: "known", next: "queued retry waiting stored skipped rebound deferred" },
  /** The ledger has no row, or one that asks for a new decision. */
  unknown: { countedAs: "new", next: "queued rejected renumbered deferred" },
  /** Settled, but the listed octets are not those of the row. */
  changed: { countedAs: "new", next: "known queued rejected retry waiting deferred" },
  /** Without a usable unique-id: it counts with its class. */
  classed: {
    countedAs: "new",
    next: "known queued rejected renumbered retry waiting deferred baselined failed",
  },
  /** Settled by a row that names the same message as an earlier entry's row. */
  twin: { countedAs: "new", next: "queued retry waiting deferred" },
  /** Failed before, and due: to be tried after what is new. */
  retry: {
    countedAs: "deferred",
    next: "rejected tried left postponed known stored skipped rebound deferred baselined failed",
  },
  /** Failed before, and not due yet. */
  waiting: { countedAs: "deferred", next: "rejected retry deferred baselined failed" },
  /** Failed before, and has had its turn in this fetch (rule 20). */
  tried: { countedAs: "deferred", next: "retry deferred" },
  /** Rejected by the criteria; its row is to be written. */
  rejected: { countedAs: "new", next: "skipped" },
  /** Perhaps stored under another identity: to be looked up at the moment of binding. */
  renumbered: { countedAs: "new", next: "queued rebound baselined" },
  /** To be retrieved. */
  queued: { countedAs: "new", next: "new left known stored skipped rebound deferred baselined failed" },
  /** A check has told of it: a fetch would retrieve it. */
  new: { countedAs: "new", next: "" },
  /** Beyond the limit: for a later run. */
  left: { countedAs: "left", next: "" },
  /** Due again, for a run of its own. */
  postponed: { countedAs: "retries", next: "" },
  /** Marked as known without being retrieved. */
  baselined: { countedAs: "baselined", next: "" },
  stored: { countedAs: "stored", next: "" },
  // Where retrieval hides, these two are retrieved all the same (rule 19).
  skipped: { countedAs: "skipped", next: "stored rebound deferred" },
  rebound: { countedAs: "rebound", next: "stored skipped deferred" },
  /** Not stored now; the ledger says when it is tried again. */
  deferred: { countedAs: "deferred", next: "" },
  failed: { countedAs: "failed", next: "" },
} as const satisfies Readonly<Record<string, Rule>>;

export type EntryState = keyof typeof RULES;

/** All states; the place of each is the number that stands for it in a column. */
export const ENTRY_STATES = Object.keys(RULES) as readonly EntryState[];

/** The number that stands for a state in a column. */
export const STATE_CODES = Object.fromEntries(ENTRY_STATES.map((state, code) => [state, code])) as Readonly<
  Record<EntryState, number>
>;

/** Of each state by its number the states that may follow, a bit for each. */
const NEXT = ENTRY_STATES.map((state) =>
  RULES[state].next
    .split(" ")
    .reduce((bits, next) => bits | (next === "" ? 0 : 1 << STATE_CODES[next as EntryState]), 0),
);

/** True if an entry may come from the one state to the other; both by their numbers. */
export function mayFollow(from: number, to: number): boolean {
  return from === to || (((NEXT[from] ?? 0) >>> to) & 1) === 1;
}

export function countedAs(state: EntryState): CountedAs {
  return RULES[state].countedAs;
}

/** True if it is not yet said what became of an entry in this run. */
export function isOpen(state: EntryState): boolean {
  const as = countedAs(state);
  return as === "new" || as === "deferred";
}
