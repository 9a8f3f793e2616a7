/** What failed is tried again after a day at the latest (rule 20), in milliseconds. */
export const LONGEST_DELAY_MS = 24 * 3_600_000;
/** The same for a delivery in the outbox. */
export const LONGEST_DELIVERY_WAIT_MS = 6 * 3_600_000;

/**
 * True if what waits until `due` is to be tried now; null: nothing says that it is to wait. A time farther ahead than
 * anything waits for was written by a clock that was wrong.
 */
export function isDue(due: Date | null, now: Date, longestMs = LONGEST_DELAY_MS): boolean {
  const ahead = (due ?? now).getTime() - now.getTime();
  return !(ahead > 0 && ahead <= longestMs);
}
