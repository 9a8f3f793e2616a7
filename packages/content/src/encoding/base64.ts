import type { Faults } from "../faults.ts";
import { latin1, octetsOf } from "../mime/octets.ts";
import { looksLikeText } from "../mime/sniff.ts";

/** What the octets are for: of text it can be told whether it was encoded at all. */
export type Base64Purpose = "text" | "octets";

const CLEAN = /^[A-Za-z0-9+/\r\n]*={0,2}\s*$/;
/** A line of base64, with a few characters in it that do not belong there perhaps. */
const ENCODED_LINE = /^[A-Za-z0-9+/=_-]+$/;
const STRANGE = /[^A-Za-z0-9+/=_-]/g;
/** Words of a text are shorter. */
const LONGEST_WORD = 20;
const MOSTLY = 0.9;

/**
 * Decodes base64 (RFC 2045 section 6.8). Several encoded texts after each other are decoded one by one; lines that are none
 * are left out, and kept where they stand after a text, as the footers of mailing lists do. What was never encoded stays.
 */
export function decodeBase64(body: Buffer, purpose: Base64Purpose, faults: Faults): Buffer {
  const text = latin1(body);
  if (CLEAN.test(text)) return decoded(text, body, purpose, faults);
  const { encoded, after, strange } = linesOf(text);
  if (strange > 0)
    faults.note("lines or characters that are no base64 stand in a part that is said to be base64");
  if (encoded.length <= strange) return notEncoded(body, faults);
  const octets = decoded(encoded.join("\n"), body, purpose, faults);
  return purpose === "text" && after.length > 0 && octets !== body
    ? Buffer.concat([octets, octetsOf(`\n${after.join("\n")}`)])
    : octets;
}

interface Lines {
  readonly encoded: readonly string[];
  /** What stands after the last encoded line. */
  readonly after: readonly string[];
  /** How many lines are not encoded. */
  readonly strange: number;
}

function linesOf(text: string): Lines {
  const encoded: string[] = [];
  let after: string[] = [];
  let strange = 0;
  for (const line of text.split("\n")) {
    const bare = line.trim();
    if (bare !== "" && isEncoded(bare)) {
      encoded.push(bare.replace(STRANGE, ""));
      after = [];
    } else if (bare !== "" || after.length > 0) {
      if (bare !== "") strange++;
      after.push(line);
    }
  }
  return { encoded, after, strange };
}

/** What is written between blanks in base64 is long; a line of many other characters is none. */
function isEncoded(line: string): boolean {
  if (ENCODED_LINE.test(line)) return !/^(?:[-_]{2,}|=+)$/.test(line);
  const words = line.split(/\s+/);
  if (words.length > 1 && line.length / words.length < LONGEST_WORD) return false;
  const strange = line.match(STRANGE)?.length ?? 0;
  return line.length > 8 && 1 - strange / line.length >= MOSTLY;
}

function decoded(encoded: string, body: Buffer, purpose: Base64Purpose, faults: Faults): Buffer {
  const texts = encoded
    .trim()
    .split(/=+/)
    .filter((text) => text.trim() !== "");
  const octets = Buffer.concat(texts.map((text) => Buffer.from(text, "base64")));
  const isNonsense = purpose === "text" && looksLikeText(body) && !looksLikeText(octets) && octets.length > 0;
  return isNonsense ? notEncoded(body, faults) : octets;
}

function notEncoded(body: Buffer, faults: Faults): Buffer {
  faults.note("a part is said to be base64 and is not; it is read as it stands");
  return body;
}
