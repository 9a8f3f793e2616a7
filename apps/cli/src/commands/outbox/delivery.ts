import { dueTime, isDue, LONGEST_DELIVERY_WAIT_MS } from "@mailonce/core";
import type { OutboxEntry } from "@mailonce/runtime/service";
import { formatCount, formatDate } from "../../output/format.ts";
import { safeLine } from "../../output/safe-text.ts";

/** `{"type":"delivery",…}`; `due` is when it is tried next. */
export function deliveryLine(entry: OutboxEntry): object {
  const due = entry.due && dueTime(entry.due, new Date(), LONGEST_DELIVERY_WAIT_MS);
  return { type: "delivery", ...entry, due };
}

/** A delivery for people: whose, to which hook, and how it stands. */
export function deliveryInWords(entry: OutboxEntry): string {
  const { maildrop, hook, state, attempts, due, deliveredAt, reason } = entry;
  const where = `${safeLine(maildrop)}  ${safeLine(hook)}`;
  if (state === "delivered") return `${where}  delivered ${formatDate(deliveredAt)}`;
  const why = reason === null ? "" : `: ${safeLine(reason.message)}`;
  const tried = attempts === 0 ? "" : ` after ${formatCount(attempts, "attempt")}`;
  if (state === "dead") return `${where}  given up${tried}${why}`;
  const next = isDue(due, new Date(), LONGEST_DELIVERY_WAIT_MS) ? "is due" : `waits until ${formatDate(due)}`;
  return `${where}  ${next}${tried}${why}`;
}

/** `1 delivery`, `2 deliveries`. */
export function deliveries(count: number): string {
  return count === 1 ? "1 delivery" : `${count} deliveries`;
}
