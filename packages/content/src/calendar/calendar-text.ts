import { type Component, type Property, propertyOf, readComponents, textOf } from "./components.ts";
import { momentAfter, momentText, readMoment, spanText } from "./moments.ts";
import { datesText, recurrenceText } from "./recurrence.ts";

/** A calendar of more events is somebody's whole calendar. */
const MOST_EVENTS = 50;
const MOST_ATTENDEES = 50;

/** What a calendar's METHOD makes of its events (RFC 5546 section 1.4). */
const METHODS: Readonly<Record<string, string>> = {
  REQUEST: "Invitation",
  CANCEL: "Cancelled",
  REPLY: "Answer",
  COUNTER: "Counter-proposal",
  DECLINECOUNTER: "Counter-proposal declined",
  ADD: "Added",
  REFRESH: "Request for the latest version",
};
const KINDS: Readonly<Record<string, string>> = {
  VEVENT: "Event",
  VTODO: "Task",
  VJOURNAL: "Note",
  VFREEBUSY: "Free and busy times",
};
/** RFC 5545 section 3.2.12 */
const ANSWERS: Readonly<Record<string, string>> = {
  ACCEPTED: "accepted",
  DECLINED: "declined",
  TENTATIVE: "tentative",
  DELEGATED: "delegated",
  "NEEDS-ACTION": "no answer yet",
};

/**
 * The events of a calendar as a person reads them; null if there are none.
 * @param text lines parted by LF
 * @param stated the method of a calendar that does not say it
 */
export function calendarText(text: string, stated: string): string | null {
  const components = readComponents(text);
  const calendars = components.filter(({ name }) => name === "VCALENDAR");
  const events = [{ name: "", properties: [], components }, ...calendars].flatMap((calendar) => {
    const method = (textOf(calendar, "METHOD") ?? stated).toUpperCase();
    return calendar.components.filter(({ name }) => name in KINDS).map((event) => ({ event, method }));
  });
  if (events.length === 0) return null;
  const shown = events.slice(0, MOST_EVENTS).map(({ event, method }) => eventText(event, method));
  const left = events.length - shown.length;
  return [...shown, ...(left > 0 ? [`… and ${left} more`] : [])].join("\n\n");
}

function eventText(event: Component, method: string): string {
  const isCancelled = propertyOf(event, "STATUS")?.value.trim().toUpperCase() === "CANCELLED";
  const kind = (isCancelled ? METHODS["CANCEL"] : METHODS[method]) ?? KINDS[event.name] ?? "Event";
  const description = textOf(event, "DESCRIPTION");
  const rows: readonly (readonly [label: string, text: string | null])[] = [
    [kind, line(textOf(event, "SUMMARY")) ?? "(no title)"],
    ["When", whenText(event)],
    ["Due", dueText(event)],
    ["Repeats", repeatsText(event)],
    ["Instead of", insteadText(event)],
    ["Where", line(textOf(event, "LOCATION"))],
    ["Join", line(textOf(event, "X-GOOGLE-CONFERENCE") ?? textOf(event, "X-MICROSOFT-SKYPETEAMSMEETINGURL"))],
    ["Link", line(textOf(event, "URL"))],
    ["Organizer", personText(propertyOf(event, "ORGANIZER"))],
    ["Attendees", attendeesText(event)],
    ["Comment", line(textOf(event, "COMMENT"))],
  ];
  const said = rows.flatMap(([label, text]) => (text === null ? [] : [`${label}: ${text}`]));
  return said.join("\n") + (description === null ? "" : `\n\n${description}`);
}

function line(text: string | null): string | null {
  return text?.replace(/\s*\n\s*/g, ", ") ?? null;
}

function whenText(event: Component): string | null {
  const property = propertyOf(event, "DTSTART");
  if (property === null) return null;
  const start = readMoment(property);
  // A date that cannot be read is better than none.
  if (start === null) return property.value.trim() || null;
  const duration = propertyOf(event, "DURATION");
  const end = duration === null ? readMoment(propertyOf(event, "DTEND")) : momentAfter(start, duration.value);
  return spanText(start, end);
}

function dueText(event: Component): string | null {
  const due = readMoment(propertyOf(event, "DUE"));
  return due === null ? null : momentText(due);
}

function repeatsText(event: Component): string | null {
  const named = (wanted: string): readonly Property[] =>
    event.properties.filter(({ name }) => name === wanted);
  const start = readMoment(propertyOf(event, "DTSTART"));
  const rules = named("RRULE").map(({ value }) => recurrenceText(value));
  const more = datesText(named("RDATE"), start);
  const less = datesText(named("EXDATE"), start);
  const parts = [
    rules.join("; "),
    more === "" ? "" : `${rules.length > 0 ? "and also " : ""}on ${more}`,
    less === "" ? "" : `except ${less}`,
  ];
  return parts.filter((part) => part !== "").join(", ") || null;
}

/** Of a series only one is meant. */
function insteadText(event: Component): string | null {
  const instance = readMoment(propertyOf(event, "RECURRENCE-ID"));
  return instance === null ? null : `the one on ${momentText(instance)}`;
}

function attendeesText(event: Component): string | null {
  const attendees = event.properties.filter(({ name }) => name === "ATTENDEE");
  const shown = attendees.slice(0, MOST_ATTENDEES).map((attendee) => {
    const answer = ANSWERS[attendee.parameters.get("PARTSTAT")?.toUpperCase() ?? ""];
    return `${personText(attendee) ?? ""}${answer === undefined ? "" : ` (${answer})`}`;
  });
  const left = attendees.length - shown.length;
  if (shown.length === 0) return null;
  return [...shown, ...(left > 0 ? [`and ${left} more`] : [])].join(", ");
}

function personText(property: Property | null): string | null {
  if (property === null) return null;
  const address = property.value.trim().replace(/^mailto:/i, "");
  const name = property.parameters.get("CN")?.trim() ?? "";
  if (name === "" || name === address) return address === "" ? null : address;
  return address === "" ? name : `${name} <${address}>`;
}
