import { CommandRefusedError, MalformedReplyError } from "./errors.ts";
import { Capabilities } from "./protocol/capabilities.ts";
import type { Command } from "./protocol/command.ts";
import { command } from "./protocol/command.ts";
import type { StatusEvent } from "./protocol/engine.ts";
import { LineSplitter } from "./protocol/listing.ts";
import { parseTwoNumbers } from "./protocol/status.ts";
import type { Session } from "./session.ts";

/** Sends one command and returns its positive status line. Throws CommandRefusedError. */
export async function ask(session: Session, asked: Command): Promise<StatusEvent> {
  session.send(asked);
  return accepted(await session.readStatus());
}

/** Throws CommandRefusedError unless the status is positive. */
export function accepted(status: StatusEvent): StatusEvent {
  if (!status.ok) throw new CommandRefusedError(status.verb, status);
  return status;
}

/** The whole multi-line reply as one array. */
export async function readBody(session: Session): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for (let octets = await session.readData(); octets !== null; octets = await session.readData()) {
    chunks.push(octets);
  }
  return Buffer.concat(chunks);
}

/** The capabilities, or null where the server has no CAPA. */
export async function readCapabilities(session: Session): Promise<Capabilities | null> {
  session.send(command("CAPA"));
  return (await session.readStatus()).ok ? new Capabilities(await readBody(session)) : null;
}

/** The two numbers in a reply to STAT or to LIST with an argument. Throws MalformedReplyError. */
export function twoNumbers(status: StatusEvent): readonly [number, number] {
  const numbers = parseTwoNumbers(status.statusText);
  if (numbers === null) throw new MalformedReplyError(status.verb, Buffer.from(status.statusText), 1);
  return numbers;
}

/**
 * The lines of a listing as they come. Malformed ones are counted and reported by MalformedReplyError after
 * the last, when the session is in step. Leaving early reads the rest and throws it away.
 */
export async function* readListing<Line>(
  session: Session,
  asked: Command,
  parse: (line: Buffer) => Line | null,
): AsyncGenerator<Line, void, void> {
  await session.exclusive(async () => {
    await ask(session, asked);
    session.beginStream();
  });
  const limit = session.limits.listingLineOctets;
  const splitter = new LineSplitter(limit);
  let malformed = 0;
  let firstMalformed: Buffer | null = null;
  let ended = false;
  const read = async (): Promise<Uint8Array | null> => {
    const octets = await session.readData();
    ended = octets === null;
    return octets;
  };
  // Also when the session has ended: what had arrived before must not be taken for the next reply.
  const passOver = async (): Promise<void> => {
    const { usable } = session;
    try {
      while (!ended) await read();
    } catch (error) {
      if (usable) throw error;
    }
  };
  try {
    for (let octets = await read(); octets !== null; octets = await read()) {
      for (const line of splitter.feed(octets)) {
        const parsed = line.length > limit ? null : parse(line);
        if (parsed === null) {
          malformed++;
          firstMalformed ??= line;
        } else {
          yield parsed;
        }
      }
    }
    if (firstMalformed !== null) throw new MalformedReplyError(asked.verb, firstMalformed, malformed);
  } finally {
    await passOver().finally(() => session.endStream());
  }
}
