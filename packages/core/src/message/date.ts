import { commentsOf } from "./comments.ts";
import { monthOf, withoutAccents } from "./months.ts";
import { type Zone, zoneOfName, zoneOfOffset } from "./zones.ts";

/** Why a date may mean another moment than the one that was read. */
export type DateDoubt =
  /** It has no time of day: midnight was taken. */
  | "no-time"
  /** It has no zone: UTC was taken. */
  | "no-zone"
  /** Its zone is unknown, impossible, or the name of several: the likeliest was taken, or UTC. */
  | "unclear-zone"
  /** Either number may be the day: `03/04/2015`. */
  | "day-or-month"
  /** Its hour contradicts its AM or PM. */
  | "unclear-hour"
  /** No mail was written in that year. */
  | "unlikely-year"
  /** There is more in the field than one date. */
  | "more-than-a-date";

/** The moment that a text names. */
export interface MessageDate {
  readonly moment: Date;
  /** Empty where the text can mean nothing else. */
  readonly doubts: readonly DateDoubt[];
}

/** The usual form, RFC 5322 section 3.3, which needs no closer look. */
const USUAL =
  /^(?:(?:mon|tue|wed|thu|fri|sat|sun), ?)?(\d{1,2}) (jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec) (\d{4}) (\d\d):(\d\d)(?::(\d\d))? ([+-])(\d{4})(?: \([a-z0-9 ]{0,40}\))?$/i;

/** A longer text is no date. */
const MAX_LENGTH = 1000;
/** Mail began in 1971; clocks that stand at their beginning say 1970. */
const FIRST_YEAR = 1971;
const LAST_YEAR = 2100;

/**
 * Reads a date as RFC 5322 sections 3.3 and 4.3 have it, and as programs write it otherwise: ISO 8601, asctime, RFC 850,
 * month names of other languages, AM and PM, any order of the parts. What can be read in two ways is read in the likelier
 * one, and said to be so. Null if there is no moment that exists: the 30th of February is not the 1st of March.
 */
export function readDate(text: string): MessageDate | null {
  if (text.length > MAX_LENGTH) return null;
  const match = USUAL.exec(text);
  if (match !== null) {
    const [, day = "", month = "", year = "", hour = "", minute = "", second = "0", sign = "", digits = ""] =
      match;
    const parts = { year: +year, month: monthOf(month.toLowerCase()), day: +day };
    return dateOf(
      parts,
      { hour: +hour, minute: +minute, second: +second },
      zoneOfOffset(sign, digits) ?? UNCLEAR,
      [],
    );
  }
  return readUnusual(text);
}

interface Day {
  readonly year: number;
  readonly month: number;
  readonly day: number;
}

interface Time {
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
}

const UTC: Zone = { minutes: 0, certain: true };
const UNCLEAR: Zone = { minutes: 0, certain: false };

function dateOf(
  { year, month, day }: Day,
  time: Time,
  zone: Zone,
  before: readonly DateDoubt[],
): MessageDate | null {
  const { hour, minute, second } = time;
  if (month < 0 || month > 11 || year < 1000 || year > 9999) return null;
  if (hour > 23 || minute > 59 || second > 60) return null;
  const local = Date.UTC(year, month, day, hour, minute, Math.min(second, 59));
  if (day === 0 || new Date(local).getUTCDate() !== day) return null;
  const doubts = [...before];
  if (!zone.certain) doubts.push("unclear-zone");
  if (year < FIRST_YEAR || year > LAST_YEAR) doubts.push("unlikely-year");
  return { moment: new Date(local - zone.minutes * 60_000), doubts };
}

/** A text of which parts were understood and taken out. */
class Remains {
  text: string;

  constructor(text: string) {
    this.text = text;
  }

  /** Takes the first match out, so that what stood around it meets. */
  take(pattern: RegExp): RegExpExecArray | null {
    const match = pattern.exec(this.text);
    if (match !== null)
      this.text =
        `${this.text.slice(0, match.index)} ${this.text.slice(match.index + match[0].length)}`.trim();
    return match;
  }
}

const TIME = /(?<![\d:])(\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:[.,]\d{1,9})?)?(?![\d:])/;
const TIME_WITH_DOTS = /(?<![\d.])(\d{1,2})(?:[.h](\d\d)(?:[.m](\d\d)s?)?)(?![\d.])/;
const COMPACT = /(?<!\d)(\d{4})(\d\d)(\d\d)t?(\d\d)(\d\d)(\d\d)?(?!\d)/;
const HALF = /^ ?([ap])\.? ?m\b\.?/;

function readUnusual(text: string): MessageDate | null {
  const { rest, comments } = commentsOf(text);
  const remains = new Remains(plain(rest));
  const doubts: DateDoubt[] = [];
  const compact = COMPACT.exec(remains.text);
  if (compact !== null) {
    const [all, year, month, day, hour, minute, second = "00"] = compact;
    remains.text = remains.text.replace(all, `${year}-${month}-${day} ${hour}:${minute}:${second}`);
  }
  let clock = takeTime(remains, TIME, comments, doubts);
  const day = takeDay(remains, doubts);
  if (day === null) return null;
  clock ??= takeTime(remains, TIME_WITH_DOTS, comments, doubts);
  if (/\d/.test(remains.text)) doubts.push("more-than-a-date");
  if (clock === null) return dateOf(day, { hour: 0, minute: 0, second: 0 }, UTC, ["no-time", ...doubts]);
  return dateOf(day, clock.time, clock.zone, doubts);
}

/** Lower case without accents, quotation marks and needless blanks; each part of a date as in ASCII. */
function plain(text: string): string {
  return withoutAccents(withoutCharacters(text.toLowerCase()))
    .replace(/[\u2010-\u2015\u2212]/g, "-")
    .replace(/["'<>[\]{};\\\s]+/g, " ")
    .replace(/ ?: ?/g, ":")
    .replace(/ ?, ?/g, ", ")
    .replace(/^ ?(?:(?:date|sent):)+/, "")
    .trim();
}

/** Chinese, Japanese and Korean dates have words for what others write as marks. */
function withoutCharacters(text: string): string {
  if (!/[\p{Script=Han}\p{Script=Hangul}]/u.test(text)) return text;
  return text
    .replace(/[年년月월]\s?(?=\d)/g, "-")
    .replace(
      /(上午|午前|오전|下午|午後|오후)\s?(\d{1,2}:\d\d(?::\d\d)?)/g,
      (_, half: string, time: string) => `${time} ${"上午前오전".includes(half) ? "am" : "pm"}`,
    )
    .replace(/\p{Script=Han}+|\p{Script=Hangul}+/gu, " ");
}

interface Clock {
  readonly time: Time;
  readonly zone: Zone;
}

/** Takes the time of day and the zone that follows it. */
function takeTime(
  remains: Remains,
  pattern: RegExp,
  comments: readonly string[],
  doubts: DateDoubt[],
): Clock | null {
  const match = pattern.exec(remains.text);
  if (match === null) return null;
  const [all, hour = "", minute = "0", second = "0"] = match;
  const head = remains.text.slice(0, match.index).replace(/(\d)t$/, "$1");
  const after = new Remains(remains.text.slice(match.index + all.length));
  const half = after.take(HALF)?.[1];
  const time = { hour: hourOf(+hour, half, doubts), minute: +minute, second: +second };
  // `Tue Nov 5 11:13:27 2019 +0100`
  const year = after.take(/^ ?\d{4}(?= ?[+-]\d)/)?.[0] ?? "";
  const zone = takeZone(after, comments, doubts);
  remains.text = `${head} ${year} ${after.text}`.replace(/ +/g, " ").trim();
  return { time, zone };
}

/** The hour of 24; what comes after 12 needs no PM. */
function hourOf(hour: number, half: string | undefined, doubts: DateDoubt[]): number {
  if (half === undefined) return hour;
  if (hour > 12 && half === "a") doubts.push("unclear-hour");
  if (hour > 12) return hour;
  return (hour % 12) + (half === "p" ? 12 : 0);
}

/** `+0100`, `+01:00`, `GMT+0800`, `EST`, `CET (+0100)`, `+0100 CET`. */
const ZONE =
  /^ ?(?:(?:gmt|utc?|z) ?)?([+-]{1,2}) ?(\d{1,2}:?\d\d|\d{1,2})(?![\d:])(?: ?(?:[a-z]{2,5}(?: [a-z]{4,8}){0,3}))?(?![a-z])/;
const ZONE_NAME = /^ ?([a-z]{1,5}(?:\d[a-z]{3})?)(?![a-z])/;
const MONTH_LIKE = 3;

function takeZone(after: Remains, comments: readonly string[], doubts: DateDoubt[]): Zone {
  const uhr = after.text.replace(/^ ?(?:uhr|h|hrs|hs)\b/, "");
  after.text = uhr;
  const offset = after.take(ZONE);
  if (offset !== null) {
    const [, sign = "", digits = ""] = offset;
    return (sign.length === 1 && zoneOfOffset(sign, digits)) || UNCLEAR;
  }
  const name = ZONE_NAME.exec(after.text)?.[1] ?? "";
  const known = zoneOfName(name);
  if (known !== null) {
    after.take(ZONE_NAME);
    // `EST -0500`: the number says it.
    const number = after.take(/^ ?\(?([+-])(\d{1,2}:?\d\d)(?!\d)\)?/);
    return (number && zoneOfOffset(number[1] ?? "", number[2] ?? "")) ?? known;
  }
  if (name !== "" && (name.length < MONTH_LIKE || monthOf(name) < 0) && !isWeekday(name)) {
    after.take(ZONE_NAME);
    return UNCLEAR;
  }
  for (const comment of comments) {
    const named = zoneOfName(comment.trim().toLowerCase());
    if (named !== null) return named;
  }
  doubts.push("no-zone");
  return UTC;
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

/** Takes day, month and year in any order. */
function takeDay(remains: Remains, doubts: DateDoubt[]): Day | null {
  return takeNamed(remains) ?? takeNumbers(remains, doubts);
}

function takeNamed(remains: Remains): Day | null {
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

function takeNumbers(remains: Remains, doubts: DateDoubt[]): Day | null {
  const iso = remains.take(ISO);
  if (iso !== null) return { year: Number(iso[1]), month: Number(iso[2]) - 1, day: Number(iso[3]) };
  const weekday = WEEKDAYS.findIndex((name) => new RegExp(`\\b${name}`).test(remains.text));
  const match = remains.take(NUMBERS);
  if (match === null) return null;
  const [, one = "", other = "", yearText = ""] = match;
  const year = fullYear(yearText);
  const dayFirst = { year, month: +other - 1, day: +one };
  const monthFirst = { year, month: +one - 1, day: +other };
  if (+one > 12 || one === other) return dayFirst;
  if (+other > 12) return monthFirst;
  // The day of the week may tell.
  const fitting = [dayFirst, monthFirst].filter((day) => weekdayOf(day) === weekday);
  const [only, second] = fitting;
  if (only !== undefined && second === undefined) return only;
  doubts.push("day-or-month");
  return match[0].includes("/") ? monthFirst : dayFirst;
}

const WEEKDAYS = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

function isWeekday(word: string): boolean {
  return WEEKDAYS.includes(word.slice(0, 3));
}

function weekdayOf({ year, month, day }: Day): number {
  return new Date(Date.UTC(year, month, day)).getUTCDay();
}

/** RFC 5322 section 4.3: two digits below 50 are of this century, three count from 1900 on. */
function fullYear(text: string): number {
  const year = Number(text);
  if (text.length === 2) return year < 50 ? 2000 + year : 1900 + year;
  return text.length === 3 ? 1900 + year : year;
}
