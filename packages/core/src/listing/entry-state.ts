/** The count of a run's summary in which a listed message is. */
export type CountedAs =
  | "new"
  | "stored"
  | "known"
  | "skipped"
  | "rebound"
  | "waiting"
  | "deferred"
  | "failed"
  | "left"
  | "retries"
  | "baselined";

interface Rule {
  readonly countedAs: CountedAs;
  /** The states into which an entry in this state may move, divided by blanks. */
  readonly next: string;
}

/** The states of a listed message in a run, and the steps between them. */
const RULES = {
  /** The ledger says what became of it: it need not be retrieved. */
  known: { countedAs: "known", next: "queued retry notDue stored skipped rebound deferred" },
  /** The ledger has no row for it, or one after which it has to be decided again (a skip by other criteria, say). */
  unknown: { countedAs: "new", next: "queued rejected early renumbered deferred" },
  /** Its row is settled, but with other listed octets: perhaps the unique-id names another message now. */
  changed: { countedAs: "new", next: "known queued rejected early retry notDue deferred" },
  /** It has no usable unique-id: how many of its class are known decides (rule 8). */
  classed: {
    countedAs: "new",
    next: "known queued rejected early renumbered retry notDue deferred baselined failed",
  },
  /** Its row names the same message as the row of an entry before it: it has to be retrieved (rule 6a). */
  twin: { countedAs: "new", next: "queued retry notDue deferred" },
  /** It failed before and is due: to be tried after all new messages. */
  retry: {
    countedAs: "deferred",
    next: "rejected early tried left postponed known stored skipped rebound deferred baselined failed",
  },
  /** It failed before and is not due yet. */
  notDue: { countedAs: "deferred", next: "rejected early retry deferred baselined failed" },
  /** It failed before and was tried already in this fetch (rule 20). */
  tried: { countedAs: "deferred", next: "retry deferred" },
  /** The criteria reject it; that is still to be written into the ledger. */
  rejected: { countedAs: "new", next: "skipped deferred" },
  /** The criteria do not want it yet; that is still to be written into the ledger. */
  early: { countedAs: "new", next: "waiting queued deferred" },
  /** It is perhaps stored under another identity; the transaction that binds it will find out (rule 13). */
  renumbered: { countedAs: "new", next: "queued rebound baselined deferred" },
  /** To be retrieved. */
  queued: {
    countedAs: "new",
    next: "new left known stored skipped waiting rebound deferred baselined failed",
  },
  /** A check has reported it as new: a fetch would retrieve it. */
  new: { countedAs: "new", next: "" },
  /** It is beyond the limit of this run, and left for a later one. */
  left: { countedAs: "left", next: "" },
  /** It failed before and is due, but is left for a run that takes only such messages. */
  postponed: { countedAs: "retries", next: "" },
  /** Marked as known without being retrieved. */
  baselined: { countedAs: "baselined", next: "" },
  stored: { countedAs: "stored", next: "" },
  // On servers where retrieval hides messages these two are retrieved all the same (rule 19).
  skipped: { countedAs: "skipped", next: "stored rebound deferred" },
  rebound: { countedAs: "rebound", next: "stored skipped deferred" },
  /** The criteria do not want it yet, and its row, if it can have one, says so. */
  waiting: { countedAs: "waiting", next: "" },
  /** It was not stored; the ledger says when it is tried again. */
  deferred: { countedAs: "deferred", next: "" },
  failed: { countedAs: "failed", next: "" },
} as const satisfies Readonly<Record<string, Rule>>;

export type EntryState = keyof typeof RULES;

/** All states. In the columns of the table of entries each is written as its index in this array. */
export const ENTRY_STATES = Object.keys(RULES) as readonly EntryState[];

/** The index of each state in {@link ENTRY_STATES}. */
export const STATE_CODES = Object.fromEntries(ENTRY_STATES.map((state, code) => [state, code])) as Readonly<
  Record<EntryState, number>
>;

/** For each state's code the states that may follow, with bit n set for the state of code n. */
const NEXT = ENTRY_STATES.map((state) =>
  RULES[state].next
    .split(" ")
    .reduce((bits, next) => bits | (next === "" ? 0 : 1 << STATE_CODES[next as EntryState]), 0),
);

/** True if an entry may move from the state of code `from` to that of code `to`, or if both are the same. */
export function mayFollow(from: number, to: number): boolean {
  return from === to || (((NEXT[from] ?? 0) >>> to) & 1) === 1;
}

export function countedAs(state: EntryState): CountedAs {
  return RULES[state].countedAs;
}

/** True if an entry in this state has no final outcome in this run yet. */
export function isOpen(state: EntryState): boolean {
  const as = countedAs(state);
  return as === "new" || as === "deferred";
}
