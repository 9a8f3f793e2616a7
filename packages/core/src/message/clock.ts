import type { DateDoubt } from "./date-doubt.ts";
import { isWeekday } from "./day.ts";
import { monthOf } from "./months.ts";
import { RestOfText } from "./rest-of-text.ts";
import { UNCLEAR, UTC, type Zone, zoneOfName, zoneOfOffset } from "./zones.ts";

/** A time of day as it was written; it may not exist. */
export interface Time {
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
}

/** Hours, minutes and perhaps seconds with colons between; fractions of a second are ignored. */
export const TIME = /(?<![\d:])(\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:[.,]\d{1,9})?)?(?![\d:])/;
/** The same with dots or letters between, which a date may have, too: so the date must be taken out before. */
export const TIME_WITH_DOTS = /(?<![\d.])(\d{1,2})(?:[.h](\d\d)(?:[.m](\d\d)s?)?)(?![\d.])/;

const HALF = /^ ?([ap])\.? ?m\b\.?/;

export interface Clock {
  readonly time: Time;
  readonly zone: Zone;
}

/** Takes the time of day, and its zone, out of the text; null if there is none. Adds what is doubtful. */
export function takeTime(
  remains: RestOfText,
  pattern: RegExp,
  comments: readonly string[],
  doubts: DateDoubt[],
): Clock | null {
  const match = pattern.exec(remains.text);
  if (match === null) return null;
  const [all, hour = "", minute = "0", second = "0"] = match;
  const head = remains.text.slice(0, match.index).replace(/(\d)t$/, "$1");
  const after = new RestOfText(remains.text.slice(match.index + all.length));
  const half = after.take(HALF)?.[1];
  const time = { hour: hourOf(+hour, half, doubts), minute: +minute, second: +second };
  // The year may stand before the zone, as in `Tue Nov 5 11:13:27 2019 +0100`.
  const year = after.take(/^ ?\d{4}(?= ?[+-]\d)/)?.[0] ?? "";
  const zone = takeZone(after, comments, doubts);
  remains.text = `${head} ${year} ${after.text}`.replace(/ +/g, " ").trim();
  return { time, zone };
}

/** The hour from 0 to 23, by `a` for AM or `p` for PM. An hour after 12 is taken as it is. */
function hourOf(hour: number, half: string | undefined, doubts: DateDoubt[]): number {
  if (half === undefined) return hour;
  if (hour > 12 && half === "a") doubts.push("unclear-hour");
  if (hour > 12) return hour;
  return (hour % 12) + (half === "p" ? 12 : 0);
}

/** An offset from UTC, perhaps with a name beside it: `+0100`, `+01:00`, `GMT+0800`, `+0100 CET`. */
const ZONE =
  /^ ?(?:(?:gmt|utc?|z) ?)?([+-]{1,2}) ?(\d{1,2}:?\d\d|\d{1,2})(?![\d:])(?: ?(?:[a-z]{2,5}(?: [a-z]{4,8}){0,3}))?(?![a-z])/;
const ZONE_NAME = /^ ?([a-z]{1,5}(?:\d[a-z]{3})?)(?![a-z])/;
const MONTH_LIKE = 3;

function takeZone(after: RestOfText, comments: readonly string[], doubts: DateDoubt[]): Zone {
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
    // An offset after the name counts, as in `EST -0500`.
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
