import { isUtf8 } from "node:buffer";
import type { Faults } from "../faults.ts";
import { latin1, octetsOf } from "../octets/octets.ts";
import { looksLikeText } from "../octets/sniff.ts";

/** What the octets are for: of text it can be told whether it was encoded at all. */
export type Base64Purpose = "text" | "octets";

const CLEAN = /^[A-Za-z0-9+/\r\n]*=*\s*$/;
/** A line of base64, with a few characters in it that do not belong there perhaps. */
const ENCODED_LINE = /^[A-Za-z0-9+/=_-]+$/;
/** Characters that are no base64. */
export const STRANGE = /[^A-Za-z0-9+/=_-]/g;
/** Rules that are drawn with these are no octets. */
const RULE = /^(?:[-_=]+|.)$/;
/** Words of a text are shorter, and so is the first line of a letter. */
const LONGEST_WORD = 20;
const LONGEST_GREETING = 40;
const LONG_RUN = /^\s*[A-Za-z0-9+/]{60}/;
const MOSTLY = 0.8;

/**
 * Decodes base64 (RFC 2045 section 6.8). Several encoded texts after each other are decoded one by one; lines that are none
 * are left out, and kept where they stand after a text, as the footers of mailing lists do. What was never encoded stays.
 */
export function decodeBase64(body: Buffer, purpose: Base64Purpose, faults: Faults): Buffer {
  const text = latin1(body);
  const lines = CLEAN.test(text) ? null : linesOf(text);
  const octets = lines === null || lines.isEncoded ? decoded(lines?.encoded ?? text) : null;
  const isWords = octets !== null && purpose === "text" && isNonsense(octets, lines?.encoded ?? text, body);
  if (octets === null || isWords) {
    faults.note("a part is said to be base64 and is not; it is read as it stands");
    return body;
  }
  if (lines === null) return octets;
  faults.note("lines or characters that are no base64 stand in a part that is base64");
  if (purpose === "octets" || lines.after === "") return octets;
  return Buffer.concat([octets, octetsOf(`\n${lines.after}`)]);
}

interface Lines {
  readonly encoded: string;
  /** What stands after the last encoded line. */
  readonly after: string;
  readonly isEncoded: boolean;
}

function linesOf(text: string): Lines {
  const encoded: string[] = [];
  let after: string[] = [];
  let strange = 0;
  let strangeLines = 0;
  /** How much is encoded before anything else stands there. */
  let beginning = 0;
  let length = 0;
  for (const line of text.split("\n")) {
    const bare = line.trim();
    if (bare === "") {
      if (after.length > 0) after.push(line);
    } else if (isEncodedLine(bare)) {
      encoded.push(bare.replace(STRANGE, ""));
      length += bare.length;
      if (strange === 0) beginning = bare.endsWith("=") ? LONGEST_GREETING : length;
      after = [];
    } else {
      strange += bare.length;
      strangeLines++;
      after.push(line);
    }
  }
  const isMost = beginning >= LONGEST_GREETING || length > strange || encoded.length > strangeLines;
  return { encoded: encoded.join("\n"), after: after.join("\n"), isEncoded: isMost };
}

/** What is written between blanks in base64 is long; a line of many other characters is none, nor one like a boundary. */
export function isEncodedLine(line: string): boolean {
  if (line.startsWith("--")) return false;
  if (ENCODED_LINE.test(line)) return !RULE.test(line);
  const words = line.split(/\s+/);
  if (words.length > 1 && line.length / words.length < LONGEST_WORD) return false;
  const strange = line.match(STRANGE)?.length ?? 0;
  return line.length > 8 && 1 - strange / line.length >= MOSTLY;
}

function decoded(encoded: string): Buffer {
  return Buffer.concat(encoded.split(/=+/).map((text) => Buffer.from(text, "base64")));
}

/**
 * True if decoding a text makes no text of it: it was words that have no characters but those of base64. A few words make
 * anything, but hardly ever UTF-8. Many characters without a blank between them are no words: a file that is called a text.
 */
function isNonsense(octets: Buffer, encoded: string, body: Buffer): boolean {
  if (!looksLikeText(body) || LONG_RUN.test(encoded)) return false;
  if (!looksLikeText(octets)) return true;
  const characters = encoded.replace(/\s+/g, "").length;
  const isWhole = characters % 4 === 0 && CLEAN.test(encoded) && encoded.length >= body.length;
  return !isWhole && characters < LONGEST_GREETING && !isUtf8(octets);
}
