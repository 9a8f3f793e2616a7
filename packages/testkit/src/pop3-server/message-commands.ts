import { Buffer } from "node:buffer";
import type { ServeContext } from "./behaviour.ts";
import { messageOf } from "./listing-commands.ts";
import { messageReply, statusLine, topOf } from "./reply.ts";
import type { ServedMessage } from "./served-message.ts";
import { behaviourOf, type Outcome, type SessionState } from "./session-state.ts";

/** RETR msg */
export function serveMessage(session: SessionState, text: string): Outcome {
  const behaviour = behaviourOf(session);
  const found = messageOf(session, text);
  if (found === undefined) return missing(behaviour.lineEnd);
  if (isLost(session, found.message)) return expunged(found.messageNumber, behaviour.lineEnd);
  const context = contextOf(session, "RETR", found.messageNumber);
  let bytes = served(session, found.message, context);
  const volatile = behaviour.volatileHeader?.(found.message, context);
  if (volatile !== undefined) bytes = Buffer.concat([Buffer.from(volatile, "latin1"), bytes]);
  return { reply: messageReply(`+OK ${bytes.length} octets`, bytes, behaviour), retrieves: found };
}

/** TOP msg n */
export function serveTop(session: SessionState, text: string): Outcome {
  const behaviour = behaviourOf(session);
  const [number = "", count = ""] = text.split(" ");
  const found = messageOf(session, number);
  if (found === undefined || !/^\d+$/.test(count)) return missing(behaviour.lineEnd);
  const { message, messageNumber } = found;
  if (isLost(session, message)) return expunged(messageNumber, behaviour.lineEnd);
  const { top } = behaviour;
  if (top !== undefined) {
    const bytes = typeof top === "function" ? top(message, messageNumber) : top;
    return { reply: messageReply("+OK", bytes, behaviour) };
  }
  const bytes = served(session, message, contextOf(session, "TOP", messageNumber));
  return { reply: messageReply("+OK", topOf(bytes, Number(count)), behaviour) };
}

function served(session: SessionState, message: ServedMessage, context: ServeContext): Uint8Array {
  return behaviourOf(session).serve?.(message, context) ?? message.bytes;
}

function contextOf(session: SessionState, verb: "RETR" | "TOP", messageNumber: number): ServeContext {
  return { verb, messageNumber, connection: session.connection, utf8: session.utf8 };
}

function missing(lineEnd: string | undefined): Outcome {
  return { reply: statusLine("-ERR There's no such message.", lineEnd) };
}

function isLost(session: SessionState, message: ServedMessage): boolean {
  return session.account?.maildrop.hasLost(message) === true;
}

function expunged(messageNumber: number, lineEnd: string | undefined): Outcome {
  return { reply: statusLine(`-ERR Message ${messageNumber} expunged.`, lineEnd) };
}
