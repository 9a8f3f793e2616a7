const LF = 0x0a;
const CR = 0x0d;
const SP = 0x20;
const TAB = 0x09;
const nothing = Buffer.alloc(0);
const { indexOf } = Uint8Array.prototype;

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
    // Buffer's own takes a longer way, which counts where lines are short.
    const lf = indexOf.call(this.#chunk, LF, start);
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
  const numberEnd = digitsEnd(octets, start, end);
  const messageNumber = numberIn(octets, start, numberEnd);
  if (messageNumber < 1 || !Number.isSafeInteger(messageNumber)) return null;
  const rest = blanksEnd(octets, numberEnd, end);
  if (rest === numberEnd && rest < end) return null;
  // A copy, because a slice would keep its whole chunk of the listing in memory.
  return { messageNumber, uniqueId: Uint8Array.prototype.slice.call(octets, rest, end) };
}

/** RFC 1939 section 5: number, blanks, octets; whatever follows is ignored. Null: malformed. */
export function parseScanLine({ octets: line, start, end }: LinePlace): ScanListing | null {
  const numberEnd = digitsEnd(line, start, end);
  const messageNumber = numberIn(line, start, numberEnd);
  if (messageNumber < 1 || !Number.isSafeInteger(messageNumber)) return null;
  const octetsStart = blanksEnd(line, numberEnd, end);
  const octetsEnd = digitsEnd(line, octetsStart, end);
  if (octetsStart === numberEnd || octetsEnd === octetsStart) return null;
  if (octetsEnd < end && blanksEnd(line, octetsEnd, end) === octetsEnd) return null;
  const octets = numberIn(line, octetsStart, octetsEnd);
  return Number.isSafeInteger(octets) ? { messageNumber, octets } : null;
}

function digitsEnd(line: Buffer, start: number, end: number): number {
  let at = start;
  while (at < end && Number(line[at]) >= 0x30 && Number(line[at]) <= 0x39) at++;
  return at;
}

/** Of digits alone; 0 where there is none. */
function numberIn(line: Buffer, start: number, end: number): number {
  let value = 0;
  for (let at = start; at < end; at++) value = value * 10 + Number(line[at]) - 0x30;
  return value;
}

function blanksEnd(line: Buffer, start: number, end: number): number {
  let at = start;
  while (at < end && (line[at] === SP || line[at] === TAB)) at++;
  return at;
}
