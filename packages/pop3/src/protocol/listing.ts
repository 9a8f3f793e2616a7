const SP = 0x20;
const TAB = 0x09;
const { slice } = Uint8Array.prototype;

/** The drop listing: the reply to STAT (RFC 1939 section 5). */
export interface DropListing {
  /** How many messages there are. */
  readonly count: number;
  /** Their octets in all, as the server counts them; null where it says no number that can be read. */
  readonly octets: number | null;
}

/**
 * One line of the unique-id listing. `uniqueId` is the rest of the line as it came, empty where the server
 * left it out.
 */
export interface UniqueIdListing {
  readonly messageNumber: number;
  readonly uniqueId: Uint8Array;
}

/** One line of the scan listing. */
export interface ScanListing {
  readonly messageNumber: number;
  /** The listed octets. They are a hint: servers are often wrong. */
  readonly octets: number;
}

/** Reads the line that stands in `octets` from `start` to before `end`. Null: it makes no sense. */
export type ParseLine<Line> = (octets: Uint8Array, start: number, end: number) => Line | null;

/**
 * Reads the reply to STAT; null where it does not say how many messages there are. It is read leniently, because nothing
 * depends on it: servers say `5 -1`, more octets than any number holds, or `5 messages (500 octets)`.
 */
export function parseDropListing(statusText: string): DropListing | null {
  const count =
    /^(\d{1,15})(?![\d.])/.exec(statusText)?.[1] ??
    /(?<![\d.-])(\d{1,15}) messages?\b/i.exec(statusText)?.[1];
  if (count === undefined) return null;
  const octets =
    /^\d{1,15}[ \t]+(\d{1,15})(?![\d.])/.exec(statusText)?.[1] ??
    /(?<![\d.-])(\d{1,15}) (?:octets|bytes)\b/i.exec(statusText)?.[1];
  return { count: Number(count), octets: octets === undefined ? null : Number(octets) };
}

/** Reads the reply to LIST with a message number (RFC 1939 section 5); null where it does not begin with two numbers. */
export function parseScanListing(statusText: string): ScanListing | null {
  const match = /^(\d{1,15})[ \t]+(\d{1,15})(?!\d)/.exec(statusText);
  return match === null ? null : { messageNumber: Number(match[1]), octets: Number(match[2]) };
}

/** Whether a line holds nothing but blanks. Some servers send one before the terminator, which is no fault. */
export function isBlankLine(octets: Uint8Array, start: number, end: number): boolean {
  return blanksEnd(octets, start, end) === end;
}

/** Reads a line of UIDL (RFC 1939 section 7) leniently: number, blanks, and the rest verbatim. Null: no message number. */
export function parseUniqueIdLine(octets: Uint8Array, start: number, end: number): UniqueIdListing | null {
  const numberStart = blanksEnd(octets, start, end);
  const numberEnd = digitsEnd(octets, numberStart, end);
  const messageNumber = numberIn(octets, numberStart, numberEnd);
  if (messageNumber < 1 || messageNumber > Number.MAX_SAFE_INTEGER) return null;
  const rest = blanksEnd(octets, numberEnd, end);
  if (rest === numberEnd && rest < end) return null;
  // A copy, because a slice would keep its whole chunk of the listing in memory.
  return { messageNumber, uniqueId: slice.call(octets, rest, end) };
}

/** Reads a line of LIST (RFC 1939 section 5): number, blanks, octets; whatever follows is ignored. Null: malformed. */
export function parseScanLine(line: Uint8Array, start: number, end: number): ScanListing | null {
  const numberStart = blanksEnd(line, start, end);
  const numberEnd = digitsEnd(line, numberStart, end);
  const messageNumber = numberIn(line, numberStart, numberEnd);
  if (messageNumber < 1 || messageNumber > Number.MAX_SAFE_INTEGER) return null;
  const octetsStart = blanksEnd(line, numberEnd, end);
  const octetsEnd = digitsEnd(line, octetsStart, end);
  if (octetsStart === numberEnd || octetsEnd === octetsStart) return null;
  if (octetsEnd < end && blanksEnd(line, octetsEnd, end) === octetsEnd) return null;
  const octets = numberIn(line, octetsStart, octetsEnd);
  return octets > Number.MAX_SAFE_INTEGER ? null : { messageNumber, octets };
}

function digitsEnd(line: Uint8Array, start: number, end: number): number {
  for (let at = start; ; at++) {
    const octet = line[at];
    if (octet === undefined || at === end || octet < 0x30 || octet > 0x39) return at;
  }
}

/** The number that these digits make; 0 where there are none. */
function numberIn(line: Uint8Array, start: number, end: number): number {
  let value = 0;
  for (let at = start; ; at++) {
    const octet = line[at];
    if (octet === undefined || at === end) return value;
    value = value * 10 + octet - 0x30;
  }
}

function blanksEnd(line: Uint8Array, start: number, end: number): number {
  let at = start;
  while (at < end && (line[at] === SP || line[at] === TAB)) at++;
  return at;
}
