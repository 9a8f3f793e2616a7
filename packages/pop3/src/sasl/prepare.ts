import { InvalidArgumentError } from "../errors/usage.ts";

// Tables of RFC 3454 by their names there.
const c12 = /[\u00a0\u1680\u2000-\u200b\u202f\u205f\u3000]/gu;
const b1 = /\u00ad|\u034f|\u1806|[\u180b-\u180d]|\u200c|\u200d|\u2060|[\ufe00-\ufe0f]|\ufeff/gu;
const prohibited =
  /[\p{Cc}\p{Co}\p{Cs}\p{Noncharacter_Code_Point}\u06dd\u070f\u180e\u200e\u200f\u2028-\u202e\u2060-\u2063\u206a-\u206f\u2ff0-\u2ffb\ufff9-\ufffd\u{1d173}-\u{1d17a}\u{e0001}\u{e0020}-\u{e007f}]/u;
const rightToLeft =
  /[\u05be-\u05f4\u061b-\u064a\u066d-\u06d5\u06e5\u06e6\u06fa-\u07b1\ufb1d-\ufdfc\ufe70-\ufefc]/u;
const letter = /\p{L}/u;

/**
 * SASLprep (RFC 4013) for user names and passwords in SCRAM, with these restrictions: normalisation is NFKC
 * of the Unicode version that Node has instead of 3.2, unassigned code points are let through, and the rule
 * for right-to-left text goes by blocks of Hebrew and Arabic script. ASCII comes through unchanged.
 *
 * Throws InvalidArgumentError, which never quotes the text.
 */
export function saslPrep(text: string, what: string): string {
  const mapped = text.replace(c12, " ").replace(b1, "").normalize("NFKC");
  if (mapped === "") throw new InvalidArgumentError(`${what}: nothing is left after SASLprep`);
  if (prohibited.test(mapped)) {
    throw new InvalidArgumentError(`${what}: holds a character that SASLprep forbids`);
  }
  if (rightToLeft.test(mapped)) {
    const characters = [...mapped];
    const leftToRight = characters.some((one) => letter.test(one) && !rightToLeft.test(one));
    const ends = [characters[0] ?? "", characters.at(-1) ?? ""];
    // RFC 3454 section 6.
    if (leftToRight || !ends.every((one) => rightToLeft.test(one))) {
      throw new InvalidArgumentError(`${what}: mixes right-to-left text with other text`);
    }
  }
  return mapped;
}

/** RFC 5801 section 4: a name inside a GS2 header or a SCRAM message. */
export function saslName(name: string): string {
  return name.replaceAll("=", "=3D").replaceAll(",", "=2C");
}
