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

/** What a time that no database can hold is written as. */
const LATEST = "9999-12-31 23:59:59.999";

let last: { readonly ms: number; readonly text: string } = { ms: 0, text: "1970-01-01 00:00:00.000" };

/**
 * The same for a time of the clock, never null; an invalid date counts as now. The rows of one batch share their time, so
 * the last text is remembered.
 */
export function storedTime(date: Date): string {
  const ms = date.getTime();
  if (ms !== last.ms) last = { ms, text: storedDate(date) ?? storedDate(new Date()) ?? LATEST };
  return last.text;
}

/** The time that {@link storedDate} wrote. */
export function readDate(stored: unknown): Date | null {
  if (typeof stored !== "string") return null;
  return new Date(`${stored.replace(" ", "T")}Z`);
}
