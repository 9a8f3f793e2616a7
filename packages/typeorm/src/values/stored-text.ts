import { octetsOf } from "./octets.ts";

/** The lengths of the text columns, in code points. */
export const TEXT_LENGTH = {
  messageIdHeader: 1000,
  subject: 1000,
  addresses: 2000,
  reasonCode: 100,
  reasonMessage: 1000,
  pauseReason: 1000,
} as const;

/**
 * Text cut to a column's length by code point. Lone surrogates, which no UTF-8 can carry, and NUL, at which SQLite's
 * bindings end a text, become U+FFFD: the column is for people, the octets stand in the chunks.
 */
export function storedText(text: string | null, length: number): string | null {
  if (text === null) return null;
  const clean = text.replace(/[\p{Surrogate}\0]/gu, "\uFFFD");
  if (clean.length <= length) return clean;
  let end = 0;
  for (let points = 0; points < length && end < clean.length; points++) {
    end += (clean.codePointAt(end) ?? 0) > 0xffff ? 2 : 1;
  }
  return clean.slice(0, end);
}

/** The text that `Dialect.exactText` wrote: text on some databases, octets on others. */
export function readExactText(value: unknown): string {
  return typeof value === "string" ? value : Buffer.from(octetsOf(value)).toString();
}
