import { octetsOf } from "./octets.ts";

/** The lengths of the text columns, in code points. */
export const TEXT_LENGTH = {
  messageIdHeader: 1000,
  subject: 1000,
  addresses: 2000,
  reasonCode: 100,
  reasonMessage: 1000,
  pauseReason: 1000,
  inReplyTo: 500,
  preview: 200,
  partNumber: 255,
  mimeType: 255,
  charset: 100,
  fileName: 1000,
  contentId: 1000,
  /** What RFC 3696 (erratum 1690) allows with room to spare: 64 before the `@`, 255 after it. */
  address: 320,
  displayName: 500,
} as const;

/** Most octets that one unit of a string takes in UTF-8. */
const MOST_OCTETS_A_UNIT = 3;

/**
 * Text cut to a column's length by code point. Lone surrogates, which no UTF-8 can carry, and NUL, at which SQLite's
 * bindings end a text, become U+FFFD: the column is for people, the octets stand in the chunks.
 */
export function storedText(text: string | null, length: number): string | null {
  if (text === null) return null;
  const clean = withoutBroken(text);
  if (clean.length <= length) return clean;
  let end = 0;
  for (let points = 0; points < length && end < clean.length; points++) {
    end += (clean.codePointAt(end) ?? 0) > 0xffff ? 2 : 1;
  }
  return clean.slice(0, end);
}

/** The same for a long text, cut by the octets of its UTF-8, and whether it was cut. */
export function storedLongText(
  text: string,
  octets: number,
): { readonly text: string; readonly isCut: boolean } {
  const clean = withoutBroken(text);
  if (clean.length * MOST_OCTETS_A_UNIT <= octets) return { text: clean, isCut: false };
  const utf8 = Buffer.from(clean);
  if (utf8.length <= octets) return { text: clean, isCut: false };
  let end = octets;
  while (end > 0 && ((utf8[end] ?? 0) & 0xc0) === 0x80) end--;
  return { text: utf8.toString("utf8", 0, end), isCut: true };
}

function withoutBroken(text: string): string {
  return text.replace(/[\p{Surrogate}\0]/gu, "\uFFFD");
}

/** The text that `Dialect.exactText` wrote: text on some databases, octets on others. */
export function readExactText(value: unknown): string {
  return typeof value === "string" ? value : Buffer.from(octetsOf(value)).toString();
}
