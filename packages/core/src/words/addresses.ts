import { CHARACTER, foldCharacter } from "./fold.ts";
import { OF_WORDS } from "./letters.ts";

/** A mail address in a text. */
export interface AddressFound {
  /** Folded as words are. */
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

/** What may stand in an address before its @, and behind; the same as in the language of criteria. */
const BEFORE_AT = new RegExp(`[${OF_WORDS}.+\\-]`, "v");
const BEHIND_AT = new RegExp(`[${OF_WORDS}.\\-]`, "v");
/** The longest parts of an address (RFC 5321 section 4.5.3.1). */
const MAX_LOCAL = 64;
const MAX_DOMAIN = 255;

/** The addresses in a text, such as `joe@example.org`, in order. */
export function* findAddresses(text: string): Generator<AddressFound> {
  for (let at = text.indexOf("@"); at >= 0; at = text.indexOf("@", at + 1)) {
    let start = at;
    while (start > 0 && at - start < MAX_LOCAL && BEFORE_AT.test(text.charAt(start - 1))) start--;
    let end = at + 1;
    while (end < text.length && end - at <= MAX_DOMAIN && BEHIND_AT.test(text.charAt(end))) end++;
    // A sentence may end behind it.
    while (end > at + 1 && /[.-]/.test(text.charAt(end - 1))) end--;
    if (start < at && end > at + 1) yield { text: foldAddress(text.slice(start, end)), start, end };
  }
}

const PIECE = new RegExp(CHARACTER, "gu");

/** An address, or a part of one, as addresses are compared. */
export function foldAddress(text: string): string {
  return text.toLowerCase().replace(PIECE, (character) => foldCharacter(character).text);
}
