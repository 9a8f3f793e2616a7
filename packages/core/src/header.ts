import { decodeWords } from "postal-mime";
import { readDate } from "./date.ts";
import { latin1 } from "./octets.ts";

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

/** True if the octet begins a continuation line (RFC 5322 section 2.2.3). */
export function isFolding(octet: number | undefined): boolean {
  return octet === SPACE || octet === TAB;
}

/** Where the header block ends in `octets`: after the first empty line, or at the end if there is none. */
export function headerEnd(octets: Uint8Array): number {
  const end = emptyLineEnd(octets);
  return end < 0 ? octets.length : end;
}

/** Where the first empty line ends, -1 if there is none. `octets` begins at the start of a line. */
export function emptyLineEnd(octets: Uint8Array): number {
  let start = 0;
  while (start < octets.length) {
    const lf = octets.indexOf(LF, start);
    if (lf < 0) return -1;
    if (lf === start || (lf === start + 1 && octets[start] === CR)) return lf + 1;
    start = lf + 1;
  }
  return -1;
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

/** Reads the kept fields from a header block. The first field of a name counts. Never throws. */
export function readHeader(block: Uint8Array): HeaderFields {
  let messageId: string | null = null;
  let subject: string | null = null;
  let from: string | null = null;
  let to: string | null = null;
  let date: string | null = null;
  for (const field of headerFields(block)) {
    if (field.name === "subject") subject ??= decodeField(field.value);
    else if (field.name === "from") from ??= decodeField(field.value);
    else if (field.name === "to") to ??= decodeField(field.value);
    else if (field.name === "date") date ??= decodeField(field.value);
    else if (field.name === "message-id") messageId ??= decodeField(field.value);
  }
  return { messageId, subject, from, to, date: date === null ? null : readDate(date) };
}

/**
 * A field's value as text: unfolded (RFC 5322 section 2.2.3), encoded words decoded (RFC 2047), raw octets read as
 * UTF-8 (RFC 6532) or, where they are not UTF-8, as Windows-1252.
 */
export function decodeField(value: Uint8Array): string | null {
  const text = unfold(decodeOctets(value));
  if (text === "") return null;
  // The library is asked only where an encoded word may stand: it costs more than all the rest.
  return text.includes("=?") ? unfold(decodeWords(text)) : text;
}

function unfold(text: string): string {
  return text
    .replace(/\r?\n(?=[ \t])/g, "")
    .replace(/[\r\n\0]+/g, " ")
    .trim();
}

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const windows1252 = new TextDecoder("windows-1252");

function decodeOctets(octets: Uint8Array): string {
  try {
    return utf8.decode(octets);
  } catch {
    return windows1252.decode(octets);
  }
}
