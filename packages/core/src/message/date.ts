import { TIME, TIME_WITH_DOTS, type Time, takeTime } from "./clock.ts";
import { commentsOf } from "./comments.ts";
import type { DateDoubt } from "./date-doubt.ts";
import { type Day, takeDay } from "./day.ts";
import { monthOf, withoutAccents } from "./months.ts";
import { RestOfText } from "./rest-of-text.ts";
import { UNCLEAR, UTC, type Zone, zoneOfOffset } from "./zones.ts";

/** A date that was read from a text. */
export interface MessageDate {
  readonly moment: Date;
  /** Why the text may mean another moment; empty if it cannot. */
  readonly doubts: readonly DateDoubt[];
}

/** The form of RFC 5322 section 3.3, which most dates have. */
const USUAL =
  /^(?:(?:mon|tue|wed|thu|fri|sat|sun), ?)?(\d{1,2}) (jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec) (\d{4}) (\d\d):(\d\d)(?::(\d\d))? ([+-])(\d{4})(?: \([a-z0-9 ]{0,40}\))?$/i;

/** The longest text that is read as a date, in UTF-16 code units. */
const MAX_LENGTH = 1000;
/** Mail began in 1971; 1970 is what clocks say that were never set. */
const FIRST_YEAR = 1971;
const LAST_YEAR = 2100;

/**
 * Reads a date in the form of RFC 5322 sections 3.3 and 4.3, or in another form that programs write: ISO 8601, asctime,
 * RFC 850, month names of other languages, AM and PM, any order of the parts. If it can be read in several ways, the
 * likeliest one is taken, and `doubts` say so. Null if the text names no date that exists: the 30th of February is not
 * the 1st of March. Never throws.
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

const COMPACT = /(?<!\d)(\d{4})(\d\d)(\d\d)t?(\d\d)(\d\d)(\d\d)?(?!\d)/;

function readUnusual(text: string): MessageDate | null {
  const { rest, comments } = commentsOf(text);
  const remains = new RestOfText(plain(rest));
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

/** The text in lower case, without accents, quotation marks and needless blanks, with digits and marks of ASCII. */
function plain(text: string): string {
  return withoutAccents(withoutCharacters(text.normalize("NFKC").toLowerCase()))
    .replace(/[\u2010-\u2015\u2212]/g, "-")
    .replace(/["'<>[\]{};\\\s]+/g, " ")
    .replace(/ ?: ?/g, ":")
    .replace(/ ?, ?/g, ", ")
    .replace(/^ ?(?:(?:date|sent):)+/, "")
    .trim();
}

/** Replaces the words of Chinese, Japanese and Korean dates by the marks that other dates have in their place. */
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
