/** Why a date may mean another moment than the one that was read. */
export type DateDoubt =
  /** It has no time of day. Midnight was taken. */
  | "no-time"
  /** It has no zone. UTC was taken. */
  | "no-zone"
  /** Its zone is unknown or impossible, or several zones have its name. The likeliest one was taken, or UTC. */
  | "unclear-zone"
  /** Either number may be the day, as in `03/04/2015`. */
  | "day-or-month"
  /** Its hour contradicts its AM or PM. */
  | "unclear-hour"
  /** No mail was written in that year. */
  | "unlikely-year"
  /** There is more in the field than one date. */
  | "more-than-a-date";
