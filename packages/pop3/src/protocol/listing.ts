const LF = 0x0a;
const CR = 0x0d;
const SP = 0x20;
const TAB = 0x09;
const nothing = Buffer.alloc(0);
const { indexOf, slice } = Uint8Array.prototype;

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

/**
 * Cuts a listing into lines, over any split of the input. A listing may have a million: neither a slice nor an object
 * for each, the fields tell where the line stands.
 */
export class LineSplitter {
  /** What holds the line of the last `next`, which begins at `start` and ends before `end`, without its line end. */
  octets: Uint8Array = nothing;
  start = 0;
  end = 0;
  /** The line was longer than the limit, and is cut there. */
  cut: boolean = false;
  readonly #limit: number;
  #chunk: Uint8Array = nothing;
  #at = 0;
  #rest: Buffer = nothing;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Takes what comes next; every line of what came before has been read. */
  feed(octets: Uint8Array): void {
    this.#chunk = octets;
    this.#at = 0;
  }

  /** Goes to the next line; false when more must be fed. */
  next(): boolean {
    const start = this.#at;
    // Buffer's own takes a longer way, which counts where lines are short.
    const lf = indexOf.call(this.#chunk, LF, start);
    if (lf < 0 || this.#rest.length > 0) return this.#join(start, lf);
    this.#at = lf + 1;
    this.octets = this.#chunk;
    this.start = start;
    this.end = lf > start && this.#chunk[lf - 1] === CR ? lf - 1 : lf;
    this.cut = this.end - start > this.#limit;
    if (this.cut) this.end = start + this.#limit;
    return true;
  }

  /** A line that is not in one chunk. */
  #join(start: number, lf: number): boolean {
    const chunk = this.#chunk;
    const line = Buffer.concat([this.#rest, chunk.subarray(start, lf < 0 ? chunk.length : lf + 1)]);
    this.#rest = nothing;
    if (lf >= 0) {
      this.feed(line);
      this.next();
    } else {
      // Three octets of room: one tells that the line is too long, two may be the line end.
      this.#rest = line.subarray(0, this.#limit + 3);
    }
    this.#chunk = chunk;
    this.#at = lf < 0 ? chunk.length : lf + 1;
    return lf >= 0;
  }
}

/** Reads the line that stands in `octets` from `start` to before `end`. Null: it makes no sense. */
export type ParseLine<Line> = (octets: Uint8Array, start: number, end: number) => Line | null;

/** Whether a line says nothing: servers put such before their terminator. It lists no message, and is no fault. */
export function isBlankLine(octets: Uint8Array, start: number, end: number): boolean {
  return blanksEnd(octets, start, end) === end;
}

/** RFC 1939 section 7, read widely: number, blanks, the rest verbatim. Null: no message number. */
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

/** RFC 1939 section 5: number, blanks, octets; whatever follows is ignored. Null: malformed. */
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

/** Of digits alone; 0 where there is none. */
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
