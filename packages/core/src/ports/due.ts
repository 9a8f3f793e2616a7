/** What failed is tried again after a day at the latest (rule 20), in milliseconds. */
export const LONGEST_DELAY_MS = 24 * 3_600_000;
/** The same for a delivery in the outbox. */
export const LONGEST_DELIVERY_WAIT_MS = 6 * 3_600_000;

/**
 * When what waits until `due` is tried: at that time, or now. Null: nothing says that it is to wait. A time farther
 * ahead than anything waits for was written by a clock that was wrong.
 */
export function dueTime(due: Date | null, now: Date, longestMs = LONGEST_DELAY_MS): Date {
  if (due === null) return now;
  const ahead = due.getTime() - now.getTime();
  return ahead <= longestMs ? due : now;
}

/** True if what waits until `due` is to be tried now; see {@link dueTime}. */
export function isDue(due: Date | null, now: Date, longestMs = LONGEST_DELAY_MS): boolean {
  return dueTime(due, now, longestMs) <= now;
}
