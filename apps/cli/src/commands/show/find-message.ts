import type { Messages, StoredMessage } from "@mailonce/core";
import { ambiguousId } from "@mailonce/runtime";
import { usageError } from "../../input/usage-error.ts";
import { formatDate } from "../../output/format.ts";

/**
 * The message that a person means: by the short id of `list` (the end of the whole id) or by the beginning of the
 * whole id, with or without hyphens.
 * @throws FailureError (`usage`) if there is none, or more than one
 */
export async function findMessage(store: Messages, text: string): Promise<StoredMessage> {
  const digits = text.trim().toLowerCase().replaceAll("-", "");
  if (!/^[0-9a-f]{1,32}$/.test(digits)) {
    throw usageError("message-id", "an id consists of the digits 0-9 and a-f; 'mailonce list' shows it");
  }
  const byBeginning = await store.findMessages(hyphenated(digits));
  const [found, second] = byBeginning.length > 0 ? byBeginning : await findByEnd(store, digits);
  if (second !== undefined) throw await ambiguousId("message", candidates(store, digits));
  if (found !== undefined) return found;
  throw usageError("no-such-message", "no message has this id; 'mailonce list' shows the ids");
}

/** The messages whose id ends so, but two at most: two are enough to know that the id is ambiguous. */
async function findByEnd(store: Messages, digits: string): Promise<readonly StoredMessage[]> {
  const found: StoredMessage[] = [];
  // The newest come first: those are the ones that a person has just seen in a list.
  for await (const message of store.messages()) {
    if (!digitsOf(message.id).endsWith(digits)) continue;
    found.push(message);
    if (found.length > 1 || digits.length >= SHORT_DIGITS) break;
  }
  return found;
}

/** Digits of the short id of `list`. */
const SHORT_DIGITS = 12;

/** A line for each message that the digits fit, the newest first. */
async function* candidates(store: Messages, digits: string): AsyncGenerator<string> {
  for await (const { id, date, from, subject } of store.messages()) {
    if (!digitsOf(id).startsWith(digits) && !digitsOf(id).endsWith(digits)) continue;
    yield [id, formatDate(date), from ?? "", subject ?? ""].join("  ");
  }
}

function digitsOf(id: string): string {
  return id.replaceAll("-", "");
}

function hyphenated(digits: string): string {
  const groups = /^(.{0,8})(.{0,4})(.{0,4})(.{0,4})(.{0,12})$/.exec(digits) ?? [];
  return groups
    .slice(1)
    .filter((group) => group !== "")
    .join("-");
}
