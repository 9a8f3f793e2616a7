import type { Event, History } from "./history.ts";

/** Nothing happens that gives a reason to retrieve strong mail again. */
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
    // Rule 14 asks for the header only where the octets are those of an absent row.
    !(habits.marks && (happens("renumber") || events.some(isWithoutUidl))) &&
    // Rule 11: a run that ended early may have stored mail before TOP had proven itself. Where its unique-ids are gone
    // then, the next run proves TOP by one message, which may be stored.
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
