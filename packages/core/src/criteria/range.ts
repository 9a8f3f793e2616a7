/** A range of numbers, both ends included; null: no bound. */
export interface Range {
  readonly min: number | null;
  readonly max: number | null;
}

const OCTETS = /^(\d{1,15})([kmg]?)$/i;
const DATE =
  /^(\d{4})(?:-(\d{2})(?:-(\d{2})(?:T(\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,3}))?)?(?:(Z)|([+-])(\d{2}):?(\d{2}))?)?)?)?$/i;

const AGE = /^(<=|>=|<|>)(\d{1,9})([mhdwy])$/i;

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
/** Milliseconds of the units of an age. A year has 365 days. */
const AGE_UNITS: Readonly<Record<string, number | undefined>> = {
  m: MINUTE_MS,
  h: 60 * MINUTE_MS,
  d: DAY_MS,
  w: 7 * DAY_MS,
  y: 365 * DAY_MS,
};
/** The highest age that may stand in a query. */
const MAX_AGE_MS = 1000 * 365 * DAY_MS;

const DATE_FORMS =
  "a date is compared with a year, month, day or time, in UTC unless it says otherwise: date:>=2026-01-15, date:2026-01, date:2025..2026 or date:<2026-01-15T12:30+02:00";

/** Says why a value is no range. The message also says what is allowed. */
export class RangeProblem {
  readonly message: string;

  constructor(message: string) {
    this.message = message;
  }
}

/** Reads a range of octets such as `5M`, `>=10k` or `1k..5M`, where k, M and G stand for powers of 1024. */
export function octetsRange(text: string): Range | RangeProblem {
  const range = readRange(text, octetsOf);
  if (range === null)
    return new RangeProblem(
      "octets are compared with a whole number, also with k, M or G for 1024, 1024 k, 1024 M: octets:<5M, octets:>=100k or octets:1k..5M",
    );
  return checked(range, text, 0, Number.MAX_SAFE_INTEGER);
}

/**
 * Reads a range of dates such as `2026`, `>=2026-01-15` or `2026-01..2026-03`, in UTC unless a zone is given. A date
 * stands for all of the year, month, day or minute that it names. Gives milliseconds since 1970 UTC.
 */
export function dateRange(text: string): Range | RangeProblem {
  const range = readRange(text, spanOf);
  if (range !== null) return checked(range, text, utc(1, 0, 1), utc(10_000, 0, 1) - 1);
  if (/^(?:<=|>=|<|>|=)?\d{4}-\d{2}/.test(text) && !text.includes(".."))
    return new RangeProblem(`there is no such date or time; ${DATE_FORMS}`);
  const relative = /^(?:<=|>=|<|>|=)?(?:-?\d+[a-z]+|now|today|yesterday)/i.test(text);
  return new RangeProblem(
    relative
      ? "write a date as in date:>=2026-01-15; how old a message is, is asked for as in age:>30d"
      : DATE_FORMS,
  );
}

/**
 * Reads ages such as `>30d` or `<=2w`, where m, h, d, w and y stand for minutes, hours, days, weeks and years of 365 days.
 * Gives milliseconds.
 */
export function ageRange(text: string): Range | RangeProblem {
  const [, operator = "", digits = "", unit = ""] = AGE.exec(text) ?? [];
  const age = Number(digits) * (AGE_UNITS[unit.toLowerCase()] ?? 0);
  if (operator === "")
    return new RangeProblem(
      "an age is compared by >, >=, < or <= with a whole number of minutes, hours, days, weeks or years: age:>30d, age:>=2w, age:<12h, age:<90m or age:<=1y",
    );
  if (age > MAX_AGE_MS) return new RangeProblem("an age is at most 1000 years");
  if (operator === "<" && age === 0) return new RangeProblem("no message is younger than that");
  if (operator === "<") return { min: null, max: age - 1 };
  if (operator === "<=") return { min: null, max: age };
  return { min: operator === ">" ? age + 1 : age, max: null };
}

type Span = readonly [first: number, last: number];

function readRange(text: string, read: (value: string) => Span | null): Range | null {
  const [, operator = "", rest = ""] = /^(<=|>=|<|>|=)?(.*)$/s.exec(text) ?? [];
  const dots = rest.indexOf("..");
  if (dots >= 0) {
    const from = read(rest.slice(0, dots));
    const to = read(rest.slice(dots + 2));
    return operator !== "" || from === null || to === null ? null : { min: from[0], max: to[1] };
  }
  const span = read(rest);
  if (span === null) return null;
  const [first, last] = span;
  if (operator === "<") return { min: null, max: first - 1 };
  if (operator === "<=") return { min: null, max: last };
  if (operator === ">") return { min: last + 1, max: null };
  if (operator === ">=") return { min: first, max: null };
  return { min: first, max: last };
}

function checked(range: Range, text: string, lowest: number, highest: number): Range | RangeProblem {
  const { min, max } = range;
  if (min !== null && max !== null && min > max)
    return new RangeProblem(`nothing is in the range ${text}: the smaller end comes first`);
  if ([min, max].some((end) => end !== null && (end < lowest || end > highest)))
    return new RangeProblem(`no message can be in the range ${text}`);
  return range;
}

function octetsOf(text: string): Span | null {
  const [, digits = "", unit = ""] = OCTETS.exec(text) ?? [];
  const value = Number(digits) * 1024 ** " kmg".indexOf(unit.toLowerCase() || " ");
  return digits === "" || !Number.isSafeInteger(value) ? null : [value, value];
}

/** The first and the last millisecond of the time that the date names; null if there is no such date. */
function spanOf(text: string): Span | null {
  const match = DATE.exec(text);
  if (match === null) return null;
  const [
    ,
    year = "",
    month,
    day,
    hour,
    minute,
    second,
    fraction,
    ,
    sign,
    zoneHours = "0",
    zoneMinutes = "0",
  ] = match;
  if (hour !== undefined && (+hour > 23 || +(minute ?? 0) > 59 || +(second ?? 0) > 59)) return null;
  if (+zoneHours > 23 || +zoneMinutes > 59) return null;
  const zone = (sign === "-" ? -1 : 1) * (+zoneHours * 60 + +zoneMinutes) * 60_000;
  const parts = [
    +year,
    +(month ?? 1) - 1,
    +(day ?? 1),
    +(hour ?? 0),
    +(minute ?? 0),
    +(second ?? 0),
  ] as const;
  const first = utc(...parts) + milliseconds(fraction);
  const start = new Date(first);
  // The 30th of February is not the 1st of March.
  if (start.getUTCMonth() !== parts[1] || start.getUTCDate() !== parts[2]) return null;
  const [y, mo, d, h, mi] = parts;
  const next =
    month === undefined
      ? utc(y + 1, 0, 1)
      : day === undefined
        ? utc(y, mo + 1, 1)
        : hour === undefined
          ? utc(y, mo, d + 1)
          : second === undefined
            ? utc(y, mo, d, h, mi + 1)
            : first + 10 ** (3 - (fraction?.length ?? 0));
  return [first - zone, next - 1 - zone];
}

function milliseconds(fraction: string | undefined): number {
  return Number((fraction ?? "").padEnd(3, "0"));
}

/** Milliseconds since 1970. Date.UTC would not do, because it takes the years 0 to 99 for 1900 to 1999. */
function utc(year: number, month: number, day: number, hour = 0, minute = 0, second = 0): number {
  const date = new Date(0);
  date.setUTCFullYear(year, month, day);
  return date.setUTCHours(hour, minute, second);
}
