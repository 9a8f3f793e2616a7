import { isAscii, isUtf8 } from "node:buffer";
import type { HeaderLabel } from "./block-label.ts";
import { decodeCharset } from "./charset.ts";
import { decodeWords, decodeWordsOfOctets } from "./encoded-words.ts";
import { latin1 } from "./octets.ts";

/** Octets that may not be plain ASCII: above 127, control characters, and the tilde, which switches to others in HZ. */
const NOT_PLAIN = /[^\t\r\n -}]/;
/** The same octets, and line ends. */
const NOT_PLAIN_LINE = /[^\t -}]/;

/**
 * Reads a field's value as text: unfolds it (RFC 5322 section 2.2.3), decodes encoded words (RFC 2047), and reads raw
 * octets as UTF-8 (RFC 6532) or, if they are not UTF-8, in the charset that `label` names, or else the likeliest one.
 * Encoded words whose own label is wrong are read so, too. Null if the text is empty. If `label` is a function, it is
 * called only where a label is needed. Never throws.
 */
export function decodeField(value: Uint8Array, label: string | null | HeaderLabel = null): string | null {
  const of: HeaderLabel = typeof label === "function" ? label : (own) => (own === undefined ? label : null);
  return fieldText(latin1(value), of);
}

/** Does the same as {@link decodeField} for octets in a string (ISO 8859-1). */
export function fieldText(octets: string, label: HeaderLabel): string | null {
  const line = octets.trim();
  if (line === "") return null;
  if (!NOT_PLAIN_LINE.test(line)) return line.includes("=?") ? unfold(decodeWords(line, label)) : line;
  if (!NOT_PLAIN.test(line)) return unfold(decodeWords(unfold(line), label));
  const unfolded = unfold(withoutCuts(line));
  const read = (rest: string): string => (NOT_PLAIN.test(rest) ? readRaw(rest, label) : rest);
  // After an escape sequence any octets may look like the marks of an encoded word, so the octets are read first.
  const text = unfolded.includes("\x1b")
    ? decodeWords(read(unfolded), label)
    : decodeWordsOfOctets(unfolded, read, label);
  return unfold(text);
}

/**
 * Reads a field's octets as text as {@link decodeField} does, and unfolds it, but leaves its encoded words as they stand. A
 * field with a grammar, such as one of addresses, is taken apart so, and only then are its words decoded with
 * `decodeWords` (RFC 2047 section 6.2): a comma in a word parts nothing. Empty if there is no text. Never throws.
 */
export function decodeFieldOctets(value: Uint8Array, label: HeaderLabel): string {
  const line = latin1(value).trim();
  if (!NOT_PLAIN.test(line)) return unfold(line);
  return unfold(readRaw(unfold(withoutCuts(line)), label));
}

function readRaw(text: string, label: () => string | null): string {
  const octets = Buffer.from(text, "latin1");
  if (isAscii(octets) && !SWITCHES.some((one) => text.includes(one))) return text;
  return isUtf8(octets) && !isAscii(octets) ? octets.toString("utf8") : decodeCharset(octets, label()).text;
}

/** The octets that switch to other characters in charsets of seven bits: shift-out, escape, and `~{` of HZ. */
const SWITCHES = ["\x0e", "\x1b", "~{"];

const CUT = /([\x80-\xff])\r?\n[ \t](?=[\x80-\xbf])/g;

/** Removes folds within characters of raw UTF-8, if the text is whole UTF-8 without them. */
function withoutCuts(octets: string): string {
  if (!octets.includes("\n") || isUtf8(Buffer.from(octets, "latin1"))) return octets;
  const joined = octets.replace(CUT, "$1");
  return isUtf8(Buffer.from(joined, "latin1")) ? joined : octets;
}

const LINE_END_OR_NUL = /[\r\n\0]/;

/** Makes one line of the text: removes the line ends of folds, but not their blanks, and replaces others by a space. */
function unfold(text: string): string {
  const trimmed = text.trim();
  if (!LINE_END_OR_NUL.test(trimmed)) return trimmed;
  return trimmed
    .replace(/\r?\n(?=[ \t])/g, "")
    .replace(/[\r\n\0]+/g, " ")
    .trim();
}
