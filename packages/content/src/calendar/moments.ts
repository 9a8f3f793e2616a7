import type { Property } from "./components.ts";

/** A date, or a date and time, as local calendars and clocks show it. Its zone may be unknown. */
export interface Moment {
  /** The date, in days since 1970. */
  readonly day: number;
  /** The time, in minutes since midnight; null for a whole day. */
  readonly minute: number | null;
  /** `UTC`, or the zone's name as it is written, or null if neither is given. */
  readonly zone: string | null;
}

const DATE = /^(\d{4})-?(\d{2})-?(\d{2})(?:T(\d{2}):?(\d{2}):?(\d{2})?(Z)?)?$/i;
const DURATION =
  /^([+-])?P(?:(\d{1,5})W)?(?:(\d{1,5})D)?(?:T(?:(\d{1,5})H)?(?:(\d{1,6})M)?(?:(\d{1,7})S)?)?$/i;
const MINUTES_A_DAY = 1440;
const MS_A_DAY = 86_400_000;
const WEEKDAYS = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];

/** Reads DTSTART and the like (RFC 5545 sections 3.3.4 and 3.3.5). Null if it is no date. */
export function readMoment(property: Property | null): Moment | null {
  const [, year, month, day, hour, minute, , utc] = DATE.exec(property?.value.trim() ?? "") ?? [];
  if (year === undefined) return null;
  const date = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day)));
  if (date.getUTCDate() !== Number(day)) return null;
  return {
    day: date.getTime() / MS_A_DAY,
    minute: hour === undefined ? null : Number(hour) * 60 + Number(minute),
    zone: utc !== undefined ? "UTC" : (property?.parameters.get("TZID") ?? null),
  };
}

/** The moment that is a duration (section 3.3.6) after another one; null if that is no duration. */
export function momentAfter({ day, minute, zone }: Moment, duration: string): Moment | null {
  const match = DURATION.exec(duration.trim());
  if (match === null) return null;
  const [, sign, weeks = 0, days = 0, hours = 0, minutes = 0] = match;
  const direction = sign === "-" ? -1 : 1;
  const wholeDays = Number(weeks) * 7 + Number(days);
  if (minute === null) return { day: day + direction * wholeDays, minute, zone };
  const total = minute + direction * (wholeDays * MINUTES_A_DAY + Number(hours) * 60 + Number(minutes));
  const later = Math.floor(total / MINUTES_A_DAY);
  return { day: day + later, minute: total - later * MINUTES_A_DAY, zone };
}

/** `Mon 2026-05-04 10:00 – 11:30 (Europe/Berlin)`; of whole days the end is the day after the last (section 3.6.1). */
export function spanText(start: Moment, end: Moment | null): string {
  if (start.minute === null) {
    const last = end === null ? start.day : Math.max(start.day, end.minute === null ? end.day - 1 : end.day);
    return `${dayText(start.day)}${last > start.day ? ` – ${dayText(last)}` : ""}, all day`;
  }
  if (end === null || end.minute === null || (end.day === start.day && end.minute === start.minute))
    return momentText(start);
  const sameZone = end.zone === start.zone;
  if (!sameZone) return `${momentText(start)} – ${momentText(end)}`;
  const until = end.day === start.day ? clock(end.minute) : `${dayText(end.day)} ${clock(end.minute)}`;
  return `${dayText(start.day)} ${clock(start.minute)} – ${until}${zoneText(start)}`;
}

/** `Mon 2026-05-04 10:00 (UTC)` */
export function momentText(moment: Moment): string {
  const { day, minute } = moment;
  return minute === null ? dayText(day) : `${dayText(day)} ${clock(minute)}${zoneText(moment)}`;
}

function zoneText({ zone }: Moment): string {
  return zone === null || zone === "" ? "" : ` (${zone.replace(/^\//, "")})`;
}

function dayText(day: number): string {
  const date = new Date(day * MS_A_DAY);
  return `${WEEKDAYS[date.getUTCDay()] ?? ""} ${date.toISOString().slice(0, 10)}`;
}

function clock(minute: number): string {
  const two = (number: number): string => String(number).padStart(2, "0");
  return `${two(Math.floor(minute / 60))}:${two(minute % 60)}`;
}
