import { accepted, twoNumbers } from "./exchange.ts";
import { command } from "./protocol/command.ts";
import type { StatusLine } from "./protocol/reply.ts";
import { parseTwoNumbers } from "./protocol/status.ts";
import type { Verb } from "./protocol/verbs.ts";
import type { Session } from "./session.ts";

/** The drop listing: the reply to STAT. */
export interface DropListing {
  readonly count: number;
  readonly octets: number;
}

/**
 * A part of all that a server says of a maildrop: first the drop listing, then the unique-id listing (`no-uidl` where
 * the server refuses it), then the scan listing. Octets are un-stuffed lines with their line ends, without the
 * terminator, cut anywhere and not parsed; their memory is not used again.
 */
export type ListingPart =
  | ({ readonly kind: "stat" } & DropListing)
  | { readonly kind: "uidl"; readonly octets: Uint8Array }
  | { readonly kind: "no-uidl" }
  | { readonly kind: "list"; readonly octets: Uint8Array };

/** STAT, UIDL and LIST. Left early, the rest is read and thrown away. */
export async function* readListings(
  session: Session,
  pipelining: () => boolean,
): AsyncGenerator<ListingPart, undefined> {
  const parts = await session.exclusive(async () => {
    const reading = readParts(session, pipelining());
    session.beginStream();
    return reading;
  });
  try {
    for (let step = await parts.next(); step.done !== true; step = await parts.next()) yield step.value;
  } finally {
    await readPast(parts);
    session.endStream();
  }
}

async function* readParts(session: Session, pipelining: boolean): AsyncGenerator<ListingPart, undefined> {
  if (pipelining) for (const verb of ["STAT", "UIDL", "LIST"] as const) session.send(command(verb));
  const reply = async (verb: Verb): Promise<StatusLine> => {
    if (!pipelining) session.send(command(verb));
    return session.replies.readStatus();
  };
  // All three are read before any is judged: the session stays in step.
  const stat = await reply("STAT");
  const [count, octets] = (stat.ok && parseTwoNumbers(stat.statusText)) || [];
  if (count !== undefined && octets !== undefined) yield { kind: "stat", count, octets };
  if ((await reply("UIDL")).ok) yield* readPieces(session, "uidl");
  else yield { kind: "no-uidl" };
  const scan = await reply("LIST");
  if (scan.ok) yield* readPieces(session, "list");
  twoNumbers(accepted(stat));
  accepted(scan);
}

async function* readPieces(session: Session, kind: "uidl" | "list"): AsyncGenerator<ListingPart, undefined> {
  for (
    let octets = await session.replies.readData();
    octets !== null;
    octets = await session.replies.readData()
  )
    yield { kind, octets };
}

/** What ends the session meanwhile is told to the next call. */
async function readPast(parts: AsyncGenerator<ListingPart, undefined>): Promise<void> {
  try {
    while ((await parts.next()).done !== true);
  } catch {}
}
