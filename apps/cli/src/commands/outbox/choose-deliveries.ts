import { ambiguousId } from "@mailonce/runtime";
import type { Outbox, OutboxEntry } from "@mailonce/runtime/service";
import { usageError } from "../../input/usage-error.ts";
import { shortId } from "../../output/message-columns.ts";
import { safeLine } from "../../output/safe-text.ts";
import { deliveryInWords } from "./delivery.ts";

/**
 * The deliveries of these messages that have not succeeded yet; without ids, all that are in one of these states.
 * @throws FailureError (`usage`) if the outbox has no such message, or an id is that of several
 */
export async function chooseDeliveries(
  outbox: Pick<Outbox, "entries" | "find">,
  ids: readonly string[],
  states: readonly OutboxEntry["state"][],
): Promise<readonly OutboxEntry[]> {
  const entries: OutboxEntry[] = [];
  if (ids.length === 0) for await (const entry of outbox.entries({ states })) entries.push(entry);
  for (const id of ids) {
    const found = await findById(outbox, id.trim().toLowerCase());
    if (found.length === 0) throw usageError("outbox", `the outbox has no message ${safeLine(id)}`);
    // Several deliveries may be of one message, to several hooks. An id that fits several messages is ambiguous.
    const messages = new Map(found.map((entry) => [entry.messageId, entry]));
    if (messages.size > 1)
      throw await ambiguousId(
        "message in the outbox",
        [...messages.values()].map((entry) => `${entry.messageId}  ${deliveryInWords(entry)}`),
      );
    entries.push(...found.filter(({ state }) => state !== "delivered"));
  }
  return entries;
}

/** By the beginning of the id, or by the short form that list shows. */
async function findById(
  outbox: Pick<Outbox, "entries" | "find">,
  id: string,
): Promise<readonly OutboxEntry[]> {
  const found = await outbox.find(id);
  if (found.length > 0) return found;
  const short: OutboxEntry[] = [];
  for await (const entry of outbox.entries()) if (shortId(entry.messageId) === id) short.push(entry);
  return short;
}
