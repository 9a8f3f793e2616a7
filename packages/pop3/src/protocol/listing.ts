const LF = 0x0a;
const CR = 0x0d;
const SP = 0x20;
const TAB = 0x09;

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

/** Cuts a listing into lines without their line ends, over any split of the input. */
export class LineSplitter {
  readonly #limit: number;
  #rest: Buffer = Buffer.alloc(0);

  /** A line longer than `limit` octets comes out cut at `limit + 1`, so that the caller can tell. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  feed(octets: Uint8Array): Buffer[] {
    const chunk = Buffer.from(octets.buffer, octets.byteOffset, octets.byteLength);
    const lines: Buffer[] = [];
    let from = 0;
    for (let lf = chunk.indexOf(LF); lf >= 0; lf = chunk.indexOf(LF, from)) {
      const part = chunk.subarray(from, lf);
      const line = this.#rest.length === 0 ? part : Buffer.concat([this.#rest, part]);
      const end = line[line.length - 1] === CR ? line.length - 1 : line.length;
      lines.push(line.subarray(0, Math.min(end, this.#limit + 1)));
      this.#rest = Buffer.alloc(0);
      from = lf + 1;
    }
    // Two octets of room: one tells that the line is too long, one may be the CR.
    const rest = Buffer.concat([this.#rest, chunk.subarray(from)]);
    this.#rest = rest.subarray(0, this.#limit + 2);
    return lines;
  }
}

/** RFC 1939 section 7, read widely: number, blanks, the rest verbatim. Null: no message number. */
export function parseUniqueIdLine(line: Buffer): UniqueIdListing | null {
  const number = parseNumber(line, 0);
  if (number === null || number.value < 1) return null;
  const rest = skipBlanks(line, number.end);
  if (rest === number.end && rest < line.length) return null;
  // A copy, because a slice would keep its whole chunk of the listing in memory.
  return { messageNumber: number.value, uniqueId: Uint8Array.prototype.slice.call(line, rest) };
}

/** RFC 1939 section 5: number, blanks, octets; whatever follows is ignored. Null: malformed. */
export function parseScanLine(line: Buffer): ScanListing | null {
  const number = parseNumber(line, 0);
  if (number === null || number.value < 1) return null;
  const blanks = skipBlanks(line, number.end);
  const octets = blanks === number.end ? null : parseNumber(line, blanks);
  if (octets === null) return null;
  if (octets.end < line.length && skipBlanks(line, octets.end) === octets.end) return null;
  return { messageNumber: number.value, octets: octets.value };
}

function parseNumber(line: Buffer, start: number): { readonly value: number; readonly end: number } | null {
  let value = 0;
  let at = start;
  for (; at < line.length; at++) {
    const digit = Number(line[at]) - 0x30;
    if (digit < 0 || digit > 9) break;
    value = value * 10 + digit;
  }
  return at === start || !Number.isSafeInteger(value) ? null : { value, end: at };
}

function skipBlanks(line: Buffer, start: number): number {
  let at = start;
  while (line[at] === SP || line[at] === TAB) at++;
  return at;
}
