import type { DateDoubt } from "./date-doubt.ts";
import { monthOf } from "./months.ts";
import type { RestOfText } from "./rest-of-text.ts";

/** A day as it was written; it may not exist. The month counts from 0. */
export interface Day {
  readonly year: number;
  readonly month: number;
  readonly day: number;
}

const BETWEEN = "[ .,/-]{0,4}(?:(?:de|del|of) )?";
const DAY = "(?<!\\d)(\\d{1,2})(?:st|nd|rd|th|er|o|\\.)?";
const WORD = "(\\p{L}{3,12})\\.?";
const YEAR = "(?<![\\d])(?:')?(\\d{4}|\\d{2,3})(?!\\d)";
const DAY_MONTH_YEAR = new RegExp(`${DAY}${BETWEEN}${WORD}${BETWEEN}${YEAR}`, "u");
const MONTH_DAY_YEAR = new RegExp(`${WORD}${BETWEEN}${DAY}${BETWEEN}${YEAR}`, "u");
const YEAR_MONTH_DAY = new RegExp(`(?<!\\d)(\\d{4})${BETWEEN}${WORD}${BETWEEN}${DAY}(?!\\d)`, "u");
const ISO = /(?<!\d)(\d{4}) ?[-/.] ?(\d{1,2}) ?[-/.] ?(\d{1,2})(?!\d)/;
const NUMBERS = /(?<!\d)(\d{1,2}) ?[-/.] ?(\d{1,2}) ?[-/.] ?(\d{4}|\d{2})(?!\d)/;

/** Takes day, month and year, in any order, out of the text; null if they are not there. Adds what is doubtful. */
export function takeDay(remains: RestOfText, doubts: DateDoubt[]): Day | null {
  return takeNamed(remains) ?? takeNumbers(remains, doubts);
}

function takeNamed(remains: RestOfText): Day | null {
  const orders: readonly (readonly [RegExp, number, number, number])[] = [
    [YEAR_MONTH_DAY, 1, 2, 3],
    [DAY_MONTH_YEAR, 3, 2, 1],
    [MONTH_DAY_YEAR, 3, 1, 2],
  ];
  for (const [pattern, year, month, day] of orders) {
    const match = pattern.exec(remains.text);
    const named = match === null ? -1 : monthOf(match[month] ?? "");
    if (match === null || named < 0) continue;
    remains.take(pattern);
    return { year: fullYear(match[year] ?? ""), month: named, day: Number(match[day]) };
  }
  return null;
}

function takeNumbers(remains: RestOfText, doubts: DateDoubt[]): Day | null {
  const iso = remains.take(ISO);
  if (iso !== null) return { year: Number(iso[1]), month: Number(iso[2]) - 1, day: Number(iso[3]) };
  const weekday = WEEKDAYS.findIndex((name) => new RegExp(`\\b${name}`).test(remains.text));
  const match = remains.take(NUMBERS);
  if (match === null) return null;
  const [, one = "", other = "", yearText = ""] = match;
  const year = fullYear(yearText);
  const dayFirst = { year, month: +other - 1, day: +one };
  const monthFirst = { year, month: +one - 1, day: +other };
  // With two digits the year may also come first, as in `19-11-05`.
  if (yearText.length === 2) doubts.push("day-or-month");
  if (+one > 12 || one === other) return dayFirst;
  if (+other > 12) return monthFirst;
  // Often the day of the week fits only one of the two.
  const fitting = [dayFirst, monthFirst].filter((day) => weekdayOf(day) === weekday);
  const [only, second] = fitting;
  if (only !== undefined && second === undefined) return only;
  if (yearText.length > 2) doubts.push("day-or-month");
  return match[0].includes("/") ? monthFirst : dayFirst;
}

const WEEKDAYS = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

/** True if the word begins like the English name of a day of the week, in lower case. */
export function isWeekday(word: string): boolean {
  return WEEKDAYS.includes(word.slice(0, 3));
}

function weekdayOf({ year, month, day }: Day): number {
  return new Date(Date.UTC(year, month, day)).getUTCDay();
}

/** The year by RFC 5322 section 4.3: two digits below 50 are years from 2000 on, other two or three from 1900 on. */
function fullYear(text: string): number {
  const year = Number(text);
  if (text.length === 2) return year < 50 ? 2000 + year : 1900 + year;
  return text.length === 3 ? 1900 + year : year;
}
