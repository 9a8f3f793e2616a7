import { accepted, readBody, twoNumbers } from "./exchange.ts";
import { command } from "./protocol/command.ts";
import type { StatusEvent } from "./protocol/engine.ts";
import type { Verb } from "./protocol/verbs.ts";
import type { Session } from "./session.ts";

/** The drop listing: the reply to STAT. */
export interface DropListing {
  readonly count: number;
  readonly octets: number;
}

/**
 * All that a server says of a maildrop. The bodies are given whole, un-stuffed, each line with its line end,
 * without the terminator; nothing is parsed.
 */
export interface Listings {
  readonly stat: DropListing;
  /** Null where the server refuses UIDL. */
  readonly uidl: Uint8Array | null;
  readonly list: Uint8Array;
}

/** STAT, UIDL and LIST. Throws CommandRefusedError, MalformedReplyError, in step. */
export async function readListings(session: Session, pipelining: boolean): Promise<Listings> {
  if (pipelining) for (const verb of ["STAT", "UIDL", "LIST"] as const) session.send(command(verb));
  const reply = async (verb: Verb): Promise<StatusEvent> => {
    if (!pipelining) session.send(command(verb));
    return session.readStatus();
  };
  // All three are read before any is judged: the session stays in step.
  const stat = await reply("STAT");
  const uidl = (await reply("UIDL")).ok ? await readBody(session) : null;
  const scan = await reply("LIST");
  const list = scan.ok ? await readBody(session) : new Uint8Array();
  const [count, octets] = twoNumbers(accepted(stat));
  accepted(scan);
  return { stat: { count, octets }, uidl, list };
}
