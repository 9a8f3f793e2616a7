const LF = 0x0a;
const CR = 0x0d;
const SP = 0x20;
const TAB = 0x09;
const nothing = Buffer.alloc(0);

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
  /** Listed octets: a hint. Servers are often wrong. */
  readonly octets: number;
}

/** Where in `octets` a line stands, without its line end. */
export interface LinePlace {
  readonly octets: Buffer;
  readonly start: number;
  readonly end: number;
  /** It was longer than the limit, and is cut there. */
  readonly cut: boolean;
}

/** A line by itself. */
export function placeOf(line: Uint8Array): LinePlace {
  const octets = Buffer.from(line.buffer, line.byteOffset, line.byteLength);
  return { octets, start: 0, end: octets.length, cut: false };
}

/** Cuts a listing into lines, over any split of the input. A listing may have a million: no slice for each. */
export class LineSplitter {
  readonly #limit: number;
  #chunk: Buffer = nothing;
  #at = 0;
  #rest: Buffer = nothing;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Takes what comes next; every line of what came before has been read. */
  feed(octets: Uint8Array): void {
    this.#chunk = Buffer.from(octets.buffer, octets.byteOffset, octets.byteLength);
    this.#at = 0;
  }

  /** The next line, or null when more must be fed. */
  next(): LinePlace | null {
    const start = this.#at;
    const lf = this.#chunk.indexOf(LF, start);
    const end = lf < 0 ? this.#chunk.length : lf;
    this.#at = lf < 0 ? end : lf + 1;
    if (lf >= 0 && this.#rest.length === 0) return this.#place(this.#chunk, start, end);
    const line = Buffer.concat([this.#rest, this.#chunk.subarray(start, end)]);
    // Two octets of room: one tells that the line is too long, one may be the CR.
    this.#rest = lf < 0 ? line.subarray(0, this.#limit + 2) : nothing;
    return lf < 0 ? null : this.#place(line, 0, line.length);
  }

  #place(octets: Buffer, start: number, lineEnd: number): LinePlace {
    const end = lineEnd > start && octets[lineEnd - 1] === CR ? lineEnd - 1 : lineEnd;
    const cut = end - start > this.#limit;
    return { octets, start, end: cut ? start + this.#limit : end, cut };
  }
}

/** RFC 1939 section 7, read widely: number, blanks, the rest verbatim. Null: no message number. */
export function parseUniqueIdLine({ octets, start, end }: LinePlace): UniqueIdListing | null {
  const number = parseNumber(octets, start, end);
  if (number === null || number.value < 1) return null;
  const rest = skipBlanks(octets, number.end, end);
  if (rest === number.end && rest < end) return null;
  // A copy, because a slice would keep its whole chunk of the listing in memory.
  return { messageNumber: number.value, uniqueId: Uint8Array.prototype.slice.call(octets, rest, end) };
}

/** RFC 1939 section 5: number, blanks, octets; whatever follows is ignored. Null: malformed. */
export function parseScanLine({ octets: line, start, end }: LinePlace): ScanListing | null {
  const number = parseNumber(line, start, end);
  if (number === null || number.value < 1) return null;
  const blanks = skipBlanks(line, number.end, end);
  const octets = blanks === number.end ? null : parseNumber(line, blanks, end);
  if (octets === null) return null;
  if (octets.end < end && skipBlanks(line, octets.end, end) === octets.end) return null;
  return { messageNumber: number.value, octets: octets.value };
}

function parseNumber(
  line: Buffer,
  start: number,
  end: number,
): { readonly value: number; readonly end: number } | null {
  let value = 0;
  let at = start;
  for (; at < end; at++) {
    const digit = Number(line[at]) - 0x30;
    if (digit < 0 || digit > 9) break;
    value = value * 10 + digit;
  }
  return at === start || !Number.isSafeInteger(value) ? null : { value, end: at };
}

function skipBlanks(line: Buffer, start: number, end: number): number {
  let at = start;
  while (at < end && (line[at] === SP || line[at] === TAB)) at++;
  return at;
}
