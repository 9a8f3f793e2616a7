import { listingReply, statusLine } from "./reply.ts";
import type { ServedMessage } from "./served-message.ts";
import { behaviourOf, type Outcome, type SessionState } from "./session-state.ts";

/** LIST and UIDL, with and without a message number. */
export function listing(session: SessionState, verb: "LIST" | "UIDL", text: string): Outcome {
  const { lineEnd } = behaviourOf(session);
  if (text !== "") {
    const found = messageOf(session, text);
    if (found === undefined) return { reply: statusLine("-ERR There's no such message.", lineEnd) };
    return {
      reply: statusLine(`+OK ${lineFor(session, verb, found.message, found.messageNumber)}`, lineEnd),
    };
  }
  const count = session.listing.length - session.deleted.size;
  return { reply: listingReply(`+OK ${count} messages:`, lines(session, verb), lineEnd) };
}

function* lines(session: SessionState, verb: "LIST" | "UIDL"): Iterable<string> {
  const { listingLine } = behaviourOf(session);
  for (const [index, message] of session.listing.entries()) {
    const messageNumber = index + 1;
    if (session.deleted.has(messageNumber)) continue;
    const line = lineFor(session, verb, message, messageNumber);
    const replaced = listingLine?.(verb, line, messageNumber, message) ?? line;
    if (typeof replaced === "string") yield replaced;
    else yield* replaced;
  }
}

function lineFor(
  session: SessionState,
  verb: "LIST" | "UIDL",
  message: ServedMessage,
  messageNumber: number,
): string {
  const value =
    verb === "LIST" ? octetsOf(session, message, messageNumber) : uniqueIdOf(session, message, messageNumber);
  return value === "" ? `${messageNumber}` : `${messageNumber} ${value}`;
}

/** The message that a number stands for in this session, unless it is marked as deleted. */
export function messageOf(
  session: SessionState,
  text: string,
): { readonly messageNumber: number; readonly message: ServedMessage } | undefined {
  if (!/^\d+$/.test(text)) return undefined;
  const messageNumber = Number(text);
  const message = session.listing[messageNumber - 1];
  if (message === undefined || session.deleted.has(messageNumber)) return undefined;
  return { messageNumber, message };
}

/** What LIST says of a message. */
export function octetsOf(session: SessionState, message: ServedMessage, messageNumber: number): number {
  return behaviourOf(session).listedOctets?.(message, messageNumber) ?? message.bytes.length;
}

function uniqueIdOf(session: SessionState, message: ServedMessage, messageNumber: number): string {
  const own = session.uniqueIds.get(message) ?? message.uniqueId;
  return behaviourOf(session).uniqueIdOf?.(message, messageNumber) ?? own;
}
