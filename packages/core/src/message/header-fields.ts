import { latin1 } from "./octets.ts";

/** One header field: its name in lower case and its octets after the colon, folding included. */
export interface HeaderField {
  readonly name: string;
  readonly value: Uint8Array;
}

const LF = 0x0a;
const CR = 0x0d;
const COLON = 0x3a;
const SPACE = 0x20;
const TAB = 0x09;

function isFolding(octet: number | undefined): boolean {
  return octet === SPACE || octet === TAB;
}

/** The number of octets of the header block with which `octets` begin: to and with the first empty line, or all. */
export function headerEnd(octets: Uint8Array): number {
  const end = emptyLineEnd(octets);
  return end < 0 ? octets.length : end;
}

const LF_LF = Buffer.from("\n\n");
const LF_CRLF = Buffer.from("\n\r\n");

/** The number of octets to and with the first empty line, -1 if there is none. `octets` must begin with a new line. */
export function emptyLineEnd(octets: Uint8Array): number {
  if (octets[0] === LF) return 1;
  if (octets[0] === CR && octets[1] === LF) return 2;
  const text = Buffer.from(octets.buffer, octets.byteOffset, octets.byteLength);
  const crlf = text.indexOf(LF_CRLF);
  const lf = (crlf < 0 ? text : text.subarray(0, crlf + 1)).indexOf(LF_LF);
  if (lf >= 0) return lf + LF_LF.length;
  return crlf < 0 ? -1 : crlf + LF_CRLF.length;
}

/** True if the header block has the empty line at its end. */
export function endsInEmptyLine(block: Uint8Array): boolean {
  if (block.at(-1) !== LF) return false;
  const before = block.length - (block.at(-2) === CR ? 3 : 2);
  return before < 0 || block[before] === LF;
}

/** The fields of a header block, in their order. Lines that are no field are left out. */
export function* headerFields(block: Uint8Array): Generator<HeaderField> {
  let start = 0;
  while (start < block.length) {
    let end = block.indexOf(LF, start);
    while (end >= 0 && end + 1 < block.length && isFolding(block[end + 1])) end = block.indexOf(LF, end + 1);
    if (end < 0) end = block.length;
    const colon = block.indexOf(COLON, start);
    if (colon > start && colon < end && colon - start < 128) {
      const name = latin1(block.subarray(start, colon)).trimEnd().toLowerCase();
      yield { name, value: block.subarray(colon + 1, end) };
    }
    start = end + 1;
  }
}

/**
 * A sticky expression for the name and the colon of a field with one of these names; its `lastIndex` must be at the start
 * of a line. White space before the colon is no part of the name, as in {@link headerFields}.
 */
export function fieldStart(names: Iterable<string>): RegExp {
  const quoted = [...names].map((name) => name.replaceAll(".", "\\."));
  return new RegExp(`(${quoted.join("|")})(?:[\\t\\v\\f\\r \\xa0]|\\n(?=[ \\t]))*:`, "iy");
}

/** Where the line ends that begins at `start`, its LF included. */
export function nextLine(text: string, start: number): number {
  const lf = text.indexOf("\n", start);
  return lf < 0 ? text.length : lf + 1;
}

/** Where the field ends that begins at `start`, its folded lines included (RFC 5322 section 2.2.3). */
export function nextField(text: string, start: number): number {
  let end = nextLine(text, start);
  while (text[end] === " " || text[end] === "\t") end = nextLine(text, end);
  return end;
}
