/**
 * A time as the tables hold it: `YYYY-MM-DD HH:MM:SS.mmm` in UTC, the same text on every database. Null for a date
 * that is none or that MySQL's datetime cannot hold (years 1000 to 9999): an impossible Date field fails no message.
 */
export function storedDate(date: Date | null): string | null {
  if (date === null || Number.isNaN(date.getTime())) return null;
  const year = date.getUTCFullYear();
  if (year < 1000 || year > 9999) return null;
  return date.toISOString().slice(0, 23).replace("T", " ");
}

let last: { readonly date: Date; readonly text: string } | null = null;

/** The same for a time of the clock, which always can be held. The rows of one batch share theirs, so it is remembered. */
export function storedTime(date: Date): string {
  if (last?.date !== date) last = { date, text: storedDate(date) ?? storedTime(new Date()) };
  return last.text;
}

/** The time that {@link storedDate} wrote. */
export function readDate(stored: unknown): Date | null {
  if (typeof stored !== "string") return null;
  return new Date(`${stored.replace(" ", "T")}Z`);
}
