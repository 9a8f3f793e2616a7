/**
 * Where a word stands, as the first letter of its token. A word of a field has a second token for `anywhere`.
 */
export const PLACES = {
  anywhere: "a",
  subject: "s",
  from: "f",
  recipients: "t",
  fileName: "n",
  /** A whole mail address, anywhere. */
  address: "e",
  /** The month of the message's date. */
  date: "d",
} as const;
export type Place = keyof typeof PLACES;

/**
 * In the place of tokens that were too many for one message. Who looks for any token has to look at messages with this one,
 * too.
 */
export const CUT_TOKEN = "zcut";

/** The token of the month of a message's date, in UTC; null for a year that has not four digits. */
export function dateToken(date: Date): string | null {
  const year = date.getUTCFullYear();
  if (!(year >= 1000 && year <= 9999)) return null;
  return tokenOf("date", `${year}${String(date.getUTCMonth() + 1).padStart(2, "0")}`);
}

/** Most characters of a token. */
const MAX_TOKEN = 60;
const MIN_TOKEN = 4;
/** Characters in the place of one that is not ASCII: its code point to the base of 36. */
const POINT_LENGTH = 4;

/**
 * A folded word as databases get it: the letter of its place, then ASCII letters and digits alone, 4 to 60 characters. So
 * no tokenizer cuts it, no server takes it for too short or for a stop word, and no collation takes it for another. Different words
 * may have the same token: what is found by tokens is looked at once more.
 */
export function tokenOf(place: Place, word: string): string {
  return tokenStart(place, word).padEnd(MIN_TOKEN, "0");
}

/** What the tokens of all words begin with that begin with this one. */
export function tokenStart(place: Place, word: string): string {
  let token: string = PLACES[place];
  for (const character of word) {
    const encoded = /^[0-9a-z]$/.test(character)
      ? character
      : character <= "\x7f"
        ? ""
        : (character.codePointAt(0) ?? 0).toString(36).padStart(POINT_LENGTH, "0");
    if (token.length + encoded.length > MAX_TOKEN) break;
    token += encoded;
  }
  return token;
}
