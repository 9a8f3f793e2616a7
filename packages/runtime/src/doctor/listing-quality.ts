import type { DropListing, ListingPart } from "@mailonce/core";
import type { ListingFacts, UniqueIdFacts } from "./facts.ts";

/** RFC 1939 section 7: 1 to 70 octets in the range 0x21 to 0x7E. */
const LONGEST_UNIQUE_ID = 70;
/** A fetch ignores larger message numbers. */
const MAX_NUMBER = 0xffff_fffe;
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

/** Collects the parts of the listings. */
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

/** The messages that LIST names and a fetch would take, in their order. */
export function scanListing(list: Uint8Array): Listed[] {
  return scan(list).listed;
}

function scan(list: Uint8Array): { readonly listed: Listed[]; readonly malformedLines: number } {
  const { values, malformedLines } = once(list, (rest) => {
    const octets = /^\d{1,15}(?![^ \t])/.exec(rest)?.[0];
    return octets === undefined ? null : Number(octets);
  });
  return {
    listed: [...values].map(([messageNumber, octets]) => ({ messageNumber, octets })),
    malformedLines,
  };
}

/** The unique-ids of UIDL, read as ISO 8859-1, in their order; lines without one are left out. */
export function uniqueIdsOf(uidl: Uint8Array): string[] {
  return [...once(uidl, (rest) => rest).values.values()].filter((id) => id !== "");
}

/** How good a listing is. */
export function listingFacts({ stat, uidl, list }: Listings, ms: number): ListingFacts {
  const { listed, malformedLines } = scan(list);
  const ids = uidl === null ? null : once(uidl, (rest) => rest);
  return {
    count: stat?.count ?? null,
    octets: stat?.octets ?? null,
    listed: listed.length,
    listedOctets: listed.reduce((sum, { octets }) => sum + (octets ?? 0), 0),
    ms,
    malformedLines: malformedLines + (ids?.malformedLines ?? 0),
    uniqueIds: ids === null ? null : uniqueIdFacts([...ids.values.values()], listed.length),
  };
}

function uniqueIdFacts(ids: readonly string[], listed: number): UniqueIdFacts {
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

/**
 * What the lines say of each message number, as a fetch reads them: the number 0 and one that is too large name no
 * message; a line that is repeated counts once; of two that contradict each other the first counts.
 */
function once<T>(
  text: Uint8Array,
  read: (rest: string) => T,
): { readonly values: Map<number, T>; readonly malformedLines: number } {
  const values = new Map<number, T>();
  let malformedLines = 0;
  for (const line of lines(text)) {
    const match = /^[ \t]*(\d+)(?:[ \t]+(.*))?$/s.exec(line);
    const number = Number(match?.[1] ?? 0);
    const value = read(match?.[2] ?? "");
    const isMessage = number >= 1 && number <= MAX_NUMBER;
    if (isMessage && !values.has(number)) values.set(number, value);
    else if (!isMessage || values.get(number) !== value) malformedLines++;
  }
  return { values, malformedLines };
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
