import { adviceOf } from "../errors/refusal.ts";
import { command } from "../protocol/command.ts";
import { type DropListing, parseDropListing } from "../protocol/listing.ts";
import { ListingBound } from "../protocol/listing-bound.ts";
import type { StatusLine } from "../protocol/reply.ts";
import type { Verb } from "../protocol/verbs.ts";
import { accepted } from "../session/exchange.ts";
import type { Session } from "../session/pop3-session.ts";

/**
 * A part of the three listings of a maildrop, in this order: the drop listing (STAT), which is left out where it cannot
 * be read; the unique-id listing (UIDL), or `no-uidl` where the server refuses it; the scan listing (LIST).
 *
 * Octets are lines as the server wrote them, with their line ends, un-stuffed and without the terminator. They are not
 * parsed, and a part may end in the middle of a line. Their memory is not used again.
 */
export type ListingPart =
  | ({ readonly kind: "stat" } & DropListing)
  | { readonly kind: "uidl"; readonly octets: Uint8Array }
  | { readonly kind: "no-uidl" }
  | { readonly kind: "list"; readonly octets: Uint8Array };

/**
 * STAT, UIDL and LIST in one exchange, pipelined where `pipelining` says so. If the iteration is left early, the rest is
 * read and thrown away. Throws CommandRefusedError after the last part where LIST is refused although the maildrop is not
 * known to be empty, or where any of the three is refused with a response code that says why.
 */
export async function* readRawListings(
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
  const drop = stat.ok ? parseDropListing(stat.statusText) : null;
  if (drop !== null) yield { kind: "stat", ...drop };
  const unique = await reply("UIDL");
  const uniqueOctets = unique.ok ? yield* readPieces(session, "uidl", drop) : 0;
  if (!unique.ok) yield { kind: "no-uidl" };
  const scan = await reply("LIST");
  if (scan.ok) yield* readPieces(session, "list", drop);
  for (const status of [stat, unique]) if (isExplained(status)) accepted(status);
  // Some servers refuse to list what is not there. Nothing but a number that says so makes that an empty maildrop.
  const isEmpty = uniqueOctets === 0 && (drop === null ? unique.ok : drop.count === 0);
  if (!isEmpty || isExplained(scan)) accepted(scan);
}

/** Whether a response code says why the command is refused: then the refusal means the maildrop, not this command. */
function isExplained({ ok, responseCode }: StatusLine): boolean {
  return !ok && adviceOf(responseCode) !== "unknown";
}

/** Gives the pieces of one multi-line reply. @returns how many octets they had in all */
async function* readPieces(
  session: Session,
  kind: "uidl" | "list",
  drop: DropListing | null,
): AsyncGenerator<ListingPart, number> {
  const bound = new ListingBound(session.limits, drop);
  for (
    let octets = await session.replies.readData();
    octets !== null;
    octets = await session.replies.readData()
  ) {
    const exceeded = bound.take(octets);
    if (exceeded !== null) throw session.end(exceeded);
    yield { kind, octets };
  }
  return bound.octets;
}

/** Reads the rest and throws it away. If that ends the session, the next call is told. */
async function readPast(parts: AsyncGenerator<ListingPart, undefined>): Promise<void> {
  try {
    while ((await parts.next()).done !== true);
  } catch {}
}
