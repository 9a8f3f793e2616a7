import { isAscii, isUtf8 } from "node:buffer";
import type { HeaderLabel } from "./block-label.ts";
import { decodeCharset } from "./charset.ts";
import { decodeWords, decodeWordsOfOctets } from "./encoded-words.ts";
import { latin1 } from "./octets.ts";

/** What makes a text more than ASCII: octets above 127, and control characters and the tilde, which switch to others. */
const NOT_PLAIN = /[^\t\r\n -}]/;
/** The same, or more than one line. */
const NOT_PLAIN_LINE = /[^\t -}]/;

/**
 * A field's value as text: unfolded (RFC 5322 section 2.2.3), encoded words decoded (RFC 2047), raw octets read as UTF-8
 * (RFC 6532) or, where they are none, in the charset that `label` names, or the likeliest one; encoded words, too, whose
 * own label is wrong. Null where nothing is left. A label that is a function is asked for only where it matters.
 */
export function decodeField(value: Uint8Array, label: string | null | HeaderLabel = null): string | null {
  const of: HeaderLabel = typeof label === "function" ? label : (own) => (own === undefined ? label : null);
  return fieldText(latin1(value), of);
}

/** {@link decodeField} for octets as ISO 8859-1. */
export function fieldText(octets: string, label: HeaderLabel): string | null {
  const line = octets.trim();
  if (line === "") return null;
  if (!NOT_PLAIN_LINE.test(line)) return line.includes("=?") ? unfold(decodeWords(line, label)) : line;
  if (!NOT_PLAIN.test(line)) return unfold(decodeWords(unfold(line), label));
  const unfolded = unfold(withoutCuts(line));
  const read = (rest: string): string => (NOT_PLAIN.test(rest) ? readRaw(rest, label) : rest);
  // Where octets switch to other characters, any of these may look like the marks of an encoded word.
  const text = unfolded.includes("\x1b")
    ? decodeWords(read(unfolded), label)
    : decodeWordsOfOctets(unfolded, read, label);
  return unfold(text);
}

function readRaw(text: string, label: () => string | null): string {
  const octets = Buffer.from(text, "latin1");
  if (isAscii(octets) && !SWITCHES.some((one) => text.includes(one))) return text;
  return isUtf8(octets) && !isAscii(octets) ? octets.toString("utf8") : decodeCharset(octets, label()).text;
}

/** What switches to other characters in charsets of seven bits. */
const SWITCHES = ["\x0e", "\x1b", "~{"];

const CUT = /([\x80-\xff])\r?\n[ \t](?=[\x80-\xbf])/g;

/** Folded raw UTF-8 may be cut within a character: then the fold's blank is none of the text. */
function withoutCuts(octets: string): string {
  if (!octets.includes("\n") || isUtf8(Buffer.from(octets, "latin1"))) return octets;
  const joined = octets.replace(CUT, "$1");
  return isUtf8(Buffer.from(joined, "latin1")) ? joined : octets;
}

const LINE_END_OR_NUL = /[\r\n\0]/;

/** One line of what may be several: folds end, their blanks stay. */
function unfold(text: string): string {
  const trimmed = text.trim();
  if (!LINE_END_OR_NUL.test(trimmed)) return trimmed;
  return trimmed
    .replace(/\r?\n(?=[ \t])/g, "")
    .replace(/[\r\n\0]+/g, " ")
    .trim();
}
