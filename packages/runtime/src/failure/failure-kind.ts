/** The kinds of failures, by what can be done about them. Applications map them to their exit codes. */
export type FailureKind =
  /** A fault of this program. */
  | "internal"
  /** Somebody asked for the end. */
  | "interrupted"
  /** Something in the accounts file, the environment or the database must be changed first. */
  | "config"
  /** What was asked for makes no sense. */
  | "usage"
  /** Somebody refuses: a login, a certificate, a database's permissions. */
  | "denied"
  /** A file or an output cannot be written. */
  | "unwritable"
  /** A server, a network or a database does not work. */
  | "unavailable"
  /** Something is in use, or wants a pause: try again later. */
  | "busy";

/** How something ended: well, with some messages that could not be had, or by a failure. */
export type Ending = "done" | "partial" | FailureKind;

const WORST_FIRST: readonly Ending[] = [
  "internal",
  "interrupted",
  "config",
  "usage",
  "denied",
  "unwritable",
  "unavailable",
  "busy",
  "partial",
  "done",
];

/** The worst of several endings; `done` if there are none. */
export function worstEnding(endings: Iterable<Ending>): Ending {
  const all = new Set(endings);
  return WORST_FIRST.find((ending) => all.has(ending)) ?? "done";
}
