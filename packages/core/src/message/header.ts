import { latin1 } from "../octets.ts";
import { decodeCharset } from "./charset.ts";
import { readDate } from "./date.ts";
import { decodeWords, decodeWordsOfOctets } from "./encoded-words.ts";

/** The header fields that are kept with a message, decoded; null where the field is missing or says nothing. */
export interface HeaderFields {
  /** Message-ID as it stands. */
  readonly messageId: string | null;
  readonly subject: string | null;
  readonly from: string | null;
  readonly to: string | null;
  /** Null also where the field holds no date that exists. */
  readonly date: Date | null;
}

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

/** Where the header block ends in `octets`: after the first empty line, or at the end if there is none. */
export function headerEnd(octets: Uint8Array): number {
  const end = emptyLineEnd(octets);
  return end < 0 ? octets.length : end;
}

const LF_LF = Buffer.from("\n\n");
const LF_CRLF = Buffer.from("\n\r\n");

/** Where the first empty line ends, -1 if there is none. `octets` begins at the start of a line. */
export function emptyLineEnd(octets: Uint8Array): number {
  if (octets[0] === LF) return 1;
  if (octets[0] === CR && octets[1] === LF) return 2;
  const text = Buffer.from(octets.buffer, octets.byteOffset, octets.byteLength);
  const crlf = text.indexOf(LF_CRLF);
  const lf = (crlf < 0 ? text : text.subarray(0, crlf + 1)).indexOf(LF_LF);
  if (lf >= 0) return lf + LF_LF.length;
  return crlf < 0 ? -1 : crlf + LF_CRLF.length;
}

/** The fields of a header block, in order. Lines that are no field are passed over. */
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
 * The beginning of a field of one of these names at the start of a line, as {@link headerFields} reads it: white space
 * before the colon is not part of the name.
 */
export function fieldStart(names: Iterable<string>): RegExp {
  const quoted = [...names].map((name) => name.replaceAll(".", "\\."));
  return new RegExp(`(${quoted.join("|")})(?:[\\t\\v\\f\\r \\xa0]|\\n(?=[ \\t]))*:`, "iy");
}

const KEPT_FIELD = fieldStart(["subject", "from", "to", "date", "message-id"]);

/** Reads the kept fields from a header block. The first field of a name counts. Never throws. */
export function readHeader(block: Uint8Array): HeaderFields {
  const text = latin1(block);
  const kept = new Map<string, string>();
  for (let start = 0; start < text.length; start = nextLine(text, start)) {
    KEPT_FIELD.lastIndex = start;
    const name = KEPT_FIELD.exec(text)?.[1]?.toLowerCase();
    if (name === undefined || kept.has(name)) continue;
    const from = KEPT_FIELD.lastIndex;
    const value = decodePart(block, text, from, nextField(text, from));
    if (value !== null) kept.set(name, value);
  }
  const date = kept.get("date");
  return {
    messageId: kept.get("message-id") ?? null,
    subject: kept.get("subject") ?? null,
    from: kept.get("from") ?? null,
    to: kept.get("to") ?? null,
    date: date === undefined ? null : readDate(date),
  };
}

/** Where the line after the one at `start` begins. */
export function nextLine(text: string, start: number): number {
  const lf = text.indexOf("\n", start);
  return lf < 0 ? text.length : lf + 1;
}

/** Where the field at `start` ends, its folded lines included (RFC 5322 section 2.2.3). */
export function nextField(text: string, start: number): number {
  let end = nextLine(text, start);
  while (text[end] === " " || text[end] === "\t") end = nextLine(text, end);
  return end;
}

/**
 * The part of a block that holds a field's value, as {@link decodeField} gives it. `text` is the block as ISO 8859-1:
 * what is ASCII only is there already.
 */
export function decodePart(block: Uint8Array, text: string, start: number, end: number): string | null {
  const value = text.slice(start, end);
  return NOT_ASCII.test(value) ? decodeField(block.subarray(start, end)) : decodeWordsIn(unfold(value));
}

const NOT_ASCII = /[\x80-\xff]/;

/**
 * A field's value as text: unfolded (RFC 5322 section 2.2.3), encoded words decoded (RFC 2047), raw octets read as UTF-8
 * (RFC 6532) or, where they are none, by the label, a charset's name; null if there is none. Null where nothing is left.
 */
export function decodeField(value: Uint8Array, label: string | null = null): string | null {
  const octets = unfold(latin1(value));
  if (octets === "") return null;
  return unfold(
    decodeWordsOfOctets(octets, (rest) => decodeCharset(Buffer.from(rest, "latin1"), label).text),
  );
}

function decodeWordsIn(text: string): string | null {
  return text === "" ? null : text.includes("=?") ? unfold(decodeWords(text)) : text;
}

const LINE_END_OR_NUL = /[\r\n\0]/;

function unfold(text: string): string {
  const trimmed = text.trim();
  if (!LINE_END_OR_NUL.test(trimmed)) return trimmed;
  return trimmed
    .replace(/\r?\n(?=[ \t])/g, "")
    .replace(/[\r\n\0]+/g, " ")
    .trim();
}
