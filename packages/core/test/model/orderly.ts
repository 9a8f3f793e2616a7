import type { Event, History } from "./history.ts";

/** True if nothing in the history is a reason to retrieve strong mail again that is stored. */
export function isOrderly({ habits, events }: History): boolean {
  const happens = (...what: readonly Event["do"][]): boolean =>
    events.some((event) => what.includes(event.do));
  return (
    habits.top === "ok" &&
    (habits.ids === "numbers" || habits.ids === "long") &&
    habits.sizes === "exact" &&
    habits.hides === "no" &&
    habits.maxOctets === null &&
    !happens("fault", "two", "copy", "baseline", "drop") &&
    // Rule 14: TOP is only asked for octets that an absent row has, and a volatile field changes the octets.
    !(habits.marks && (happens("renumber") || events.some(isWithoutUidl))) &&
    // Rule 11: a run that ended early may have stored mail before TOP had proved itself. If its unique-ids are gone
    // then, the next run retrieves a message to prove TOP, which may be a stored one.
    !(events.some(isCutShort) && (happens("renumber") || events.some(isWithoutUidl)))
  );
}

function isCutShort(event: Event): boolean {
  if (event.do !== "run") return false;
  const { crashAt, deleteAt, store, leave } = event.plan;
  return crashAt !== null || deleteAt !== null || store !== null || leave !== null;
}

function isWithoutUidl(event: Event): boolean {
  return event.do === "run" && event.plan.flap === "no-uidl";
}
