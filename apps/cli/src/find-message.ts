import type { MessageStore, StoredMessage } from "@mailonce/core";
import { EXIT, FailureError } from "@mailonce/runtime";

/**
 * The message that a person means: by the short id of `list` (the end of the whole id) or by the beginning of the
 * whole id, with or without hyphens.
 * @throws FailureError with exit code 2 if there is none, or more than one
 */
export async function findMessage(store: MessageStore, text: string): Promise<StoredMessage> {
  const digits = text.trim().toLowerCase().replaceAll("-", "");
  if (!/^[0-9a-f]{1,32}$/.test(digits)) {
    throw new FailureError(
      "message-id",
      "an id consists of the digits 0-9 and a-f; 'mailonce list' shows it",
      EXIT.usage,
    );
  }
  const [first, second] = await store.findMessages(hyphenated(digits));
  if (second !== undefined) throw ambiguous();
  const found = first ?? (await findByEnd(store, digits));
  if (found !== null) return found;
  throw new FailureError(
    "no-such-message",
    "no message has this id; 'mailonce list' shows the ids",
    EXIT.usage,
  );
}

async function findByEnd(store: MessageStore, digits: string): Promise<StoredMessage | null> {
  let found: StoredMessage | null = null;
  // Newest first, as people read: what was just listed is found at once.
  for await (const message of store.messages()) {
    if (!message.id.replaceAll("-", "").endsWith(digits)) continue;
    if (found !== null) throw ambiguous();
    found = message;
    if (digits.length >= 12) break;
  }
  return found;
}

function ambiguous(): FailureError {
  return new FailureError(
    "ambiguous-id",
    "more than one message has such an id: give more digits of it",
    EXIT.usage,
  );
}

function hyphenated(digits: string): string {
  const groups = /^(.{0,8})(.{0,4})(.{0,4})(.{0,4})(.{0,12})$/.exec(digits) ?? [];
  return groups
    .slice(1)
    .filter((group) => group !== "")
    .join("-");
}
