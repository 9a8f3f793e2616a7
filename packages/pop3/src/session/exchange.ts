import { CommandRefusedError } from "../errors/refusal.ts";
import { Capabilities } from "../protocol/capabilities.ts";
import { type Command, command } from "../protocol/command.ts";
import type { StatusLine } from "../protocol/reply.ts";
import type { Session } from "./pop3-session.ts";

/** Sends one command and returns its positive status line. Throws CommandRefusedError. */
export async function ask(session: Session, asked: Command): Promise<StatusLine> {
  session.send(asked);
  return accepted(await session.replies.readStatus());
}

/** Throws CommandRefusedError unless the status is positive. */
export function accepted(status: StatusLine): StatusLine {
  if (!status.ok) throw new CommandRefusedError(status.verb, status);
  return status;
}

/** The whole multi-line reply as one array, which grows as octets arrive. */
export async function readBody(session: Session): Promise<Uint8Array> {
  let body = Buffer.allocUnsafeSlow(1024);
  let length = 0;
  for (
    let octets = await session.replies.readData();
    octets !== null;
    octets = await session.replies.readData()
  ) {
    const needed = length + octets.length;
    if (needed > body.length) {
      const grown = Buffer.allocUnsafeSlow(Math.max(2 * body.length, needed));
      grown.set(body.subarray(0, length));
      body = grown;
    }
    body.set(octets, length);
    length = needed;
  }
  return body.subarray(0, length);
}

/** The capabilities, or null where the server has no CAPA. */
export async function readCapabilities(session: Session): Promise<Capabilities | null> {
  session.send(command("CAPA"));
  return (await session.replies.readStatus()).ok ? new Capabilities(await readBody(session)) : null;
}
