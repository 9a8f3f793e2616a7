/** The longest time that a failed message waits for its next attempt, in milliseconds: one day (rule 20). */
export const LONGEST_DELAY_MS = 24 * 3_600_000;
/** The longest time that a failed delivery in the outbox waits for its next attempt, in milliseconds. */
export const LONGEST_DELIVERY_WAIT_MS = 6 * 3_600_000;

/**
 * The longest time for which a message that criteria do not want yet is not looked at, in milliseconds (rule 27). If it has to
 * wait for longer, it is looked at in between.
 */
export const LONGEST_WAIT_MS = 30 * 24 * 3_600_000;

/**
 * Gives the time of the next attempt: `due`, or `now` if `due` is null. It is also `now` if `due` is more than
 * `longestMs` milliseconds ahead: nothing waits that long, so the clock that wrote it was wrong.
 */
export function dueTime(due: Date | null, now: Date, longestMs = LONGEST_DELAY_MS): Date {
  if (due === null) return now;
  const ahead = due.getTime() - now.getTime();
  return ahead <= longestMs ? due : now;
}

/** True if an attempt that waits until `due` is to be made now; takes the same as {@link dueTime}. */
export function isDue(due: Date | null, now: Date, longestMs = LONGEST_DELAY_MS): boolean {
  return dueTime(due, now, longestMs) <= now;
}
