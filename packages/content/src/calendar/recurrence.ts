import type { Property } from "./components.ts";
import { type Moment, momentText, readMoment } from "./moments.ts";

const UNITS: Readonly<Record<string, readonly [one: string, several: string]>> = {
  DAILY: ["day", "days"],
  WEEKLY: ["week", "weeks"],
  MONTHLY: ["month", "months"],
  YEARLY: ["year", "years"],
  HOURLY: ["hour", "hours"],
};
const DAYS: Readonly<Record<string, string>> = {
  MO: "Monday",
  TU: "Tuesday",
  WE: "Wednesday",
  TH: "Thursday",
  FR: "Friday",
  SA: "Saturday",
  SU: "Sunday",
};
const PLACES: Readonly<Record<string, string>> = {
  "1": "first",
  "2": "second",
  "3": "third",
  "4": "fourth",
  "5": "fifth",
  "-1": "last",
};
/** What is said in words; a rule with anything else stays as it is. */
const SAID = /^(?:FREQ|INTERVAL|BYDAY|BYMONTHDAY|COUNT|UNTIL|WKST)$/;

/** More dates than these are counted. */
const MOST_DATES = 10;

/**
 * The dates of EXDATE or RDATE fields (RFC 5545 sections 3.8.5.1 and 3.8.5.2) in words; "" if there are none. Each one has
 * its time only where that is another one than the event's.
 */
export function datesText(properties: readonly Property[], start: Moment | null): string {
  const dates = properties.flatMap(({ value, ...property }) =>
    value.split(",").map((one) => {
      const written = one.trim();
      // A period begins with its moment.
      const moment = readMoment({ ...property, value: written.replace(/\/.*$/s, "") });
      return moment === null ? written : dateText(moment, start);
    }),
  );
  const said = [...new Set(dates)].filter((date) => date !== "");
  const left = said.length - MOST_DATES;
  return said.slice(0, MOST_DATES).join(", ") + (left > 0 ? ` and ${left} more` : "");
}

function dateText(moment: Moment, start: Moment | null): string {
  const isUsual = start !== null && start.minute === moment.minute && start.zone === moment.zone;
  return momentText(isUsual ? { ...moment, minute: null } : moment);
}

/** A recurrence rule (RFC 5545 section 3.3.10) in words, or as it stands where there are none for it. */
export function recurrenceText(rule: string): string {
  const parts = new Map(
    rule
      .trim()
      .split(";", 50)
      .map((part) => part.toUpperCase().split("=", 2) as [string, string | undefined]),
  );
  const unit = UNITS[parts.get("FREQ") ?? ""];
  const days = dayNames(parts.get("BYDAY"));
  if (
    unit === undefined ||
    days === null ||
    [...parts.keys()].some((name) => name !== "" && !SAID.test(name))
  )
    return rule;
  const interval = Number(parts.get("INTERVAL") ?? 1);
  const every = interval > 1 ? `every ${interval} ${unit[1]}` : `every ${unit[0]}`;
  const monthDay = parts.get("BYMONTHDAY");
  const until = readMoment({ name: "UNTIL", parameters: new Map(), value: parts.get("UNTIL") ?? "" });
  const count = parts.get("COUNT");
  return [
    every,
    days === "" ? "" : `on ${days}`,
    monthDay === undefined ? "" : `on day ${monthDay.replaceAll(",", ", ")}`,
    count === undefined ? "" : `${count} times`,
    until === null ? "" : `until ${momentText(until)}`,
  ]
    .filter((words) => words !== "")
    .join(" ");
}

/** Null if there are no words for one of them. */
function dayNames(days = ""): string | null {
  if (days === "") return "";
  const names = days.split(",").map((day) => {
    const [, place = "", short = ""] = /^([+-]?\d{1,2})?([A-Z]{2})$/.exec(day.trim()) ?? [];
    const name = DAYS[short];
    if (name === undefined) return null;
    const which = PLACES[place.replace("+", "")];
    if (place === "") return name;
    return which === undefined ? null : `the ${which} ${name}`;
  });
  return names.includes(null) ? null : names.join(", ");
}
