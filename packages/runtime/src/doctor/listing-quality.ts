import type { DropListing, ListingPart } from "@mailonce/core";
import type { ListingFacts, UniqueIdFacts } from "./facts.ts";

/** RFC 1939 section 7: 1 to 70 octets in the range 0x21 to 0x7E. */
const LONGEST_UNIQUE_ID = 70;
const REGULAR = /^[\x21-\x7e]*$/;

/** All that a server says of a maildrop, as it came. */
export interface Listings {
  /** Null where STAT cannot be read. */
  readonly stat: DropListing | null;
  /** Null where the server refuses UIDL. */
  readonly uidl: Uint8Array | null;
  readonly list: Uint8Array;
  readonly parts: readonly ListingPart[];
}

/** Takes the listings to the end. */
export async function wholeListings(arriving: AsyncIterable<ListingPart>): Promise<Listings> {
  let stat: DropListing | null = null;
  const parts: ListingPart[] = [];
  for await (const part of arriving) {
    parts.push(part);
    if (part.kind === "stat") stat = part;
  }
  const body = (kind: "uidl" | "list"): Uint8Array =>
    Buffer.concat(parts.flatMap((part) => (part.kind === kind ? [part.octets] : [])));
  const uidl = parts.some(({ kind }) => kind === "no-uidl") ? null : body("uidl");
  return { stat, uidl, list: body("list"), parts };
}

/** A listed message. */
export interface Listed {
  readonly messageNumber: number;
  /** Null where LIST says no number. */
  readonly octets: number | null;
}

/** The lines of LIST that name a message, in their order. */
export function scanListing(list: Uint8Array): Listed[] {
  return [...lines(list)].flatMap((line) => {
    const match = /^[ \t]*(\d{1,10})(?:[ \t]+(\d{1,15})(?![^ \t]))?/.exec(line);
    if (match === null) return [];
    return [{ messageNumber: Number(match[1]), octets: match[2] === undefined ? null : Number(match[2]) }];
  });
}

/** The unique-ids of UIDL, read as ISO 8859-1, in their order; lines without one are left out. */
export function uniqueIdsOf(uidl: Uint8Array): string[] {
  return [...lines(uidl)].flatMap((line) => uniqueId(line) || []);
}

/** How good a listing is. */
export function listingFacts({ stat, uidl, list }: Listings, ms: number): ListingFacts {
  const scan = scanListing(list);
  const scanLines = [...lines(list)].length;
  const uidlLines = uidl === null ? [] : [...lines(uidl)];
  const malformedUidl = uidlLines.filter((line) => uniqueId(line) === null).length;
  return {
    count: stat?.count ?? null,
    octets: stat?.octets ?? null,
    listed: scan.length,
    listedOctets: scan.reduce((sum, { octets }) => sum + (octets ?? 0), 0),
    ms,
    malformedLines: scanLines - scan.length + malformedUidl,
    uniqueIds: uidl === null ? null : uniqueIdFacts(uidlLines, scan.length),
  };
}

function uniqueIdFacts(uidlLines: readonly string[], listed: number): UniqueIdFacts {
  const ids = uidlLines.flatMap((line) => uniqueId(line) ?? []);
  const given = ids.filter((id) => id !== "");
  const times = new Map<string, number>();
  for (const id of given) times.set(id, (times.get(id) ?? 0) + 1);
  const lengths = given.map((id) => id.length);
  return {
    lines: ids.length,
    missing: Math.max(0, listed - given.length),
    shared: given.filter((id) => (times.get(id) ?? 0) > 1).length,
    long: given.filter((id) => id.length > LONGEST_UNIQUE_ID).length,
    odd: given.filter((id) => !REGULAR.test(id)).length,
    shortest: lengths.reduce((least, length) => Math.min(least, length), lengths[0] ?? 0),
    longest: lengths.reduce((most, length) => Math.max(most, length), 0),
  };
}

/** Null: the line names no message. */
function uniqueId(line: string): string | null {
  const match = /^[ \t]*\d{1,10}(?:[ \t]+(.*))?$/s.exec(line);
  return match === null ? null : (match[1] ?? "");
}

/** Each line that says something. */
function* lines(text: Uint8Array): Generator<string> {
  const buffer = Buffer.from(text.buffer, text.byteOffset, text.byteLength);
  for (let at = 0; at < buffer.length; ) {
    const lf = buffer.indexOf(0x0a, at);
    const end = lf < 0 ? buffer.length : lf;
    const line = buffer.toString("latin1", at, buffer[end - 1] === 0x0d && end > at ? end - 1 : end);
    if (/[^ \t]/.test(line)) yield line;
    at = end + 1;
  }
}
