import { RE2JS } from "re2js";

/** One element of words: literal text, `*` (any characters but white space) or `?` (one of them). */
export type Piece = string | { readonly wildcard: "*" | "?" };

/** What a text is searched for: words with wildcards, or a regular expression. */
export type TextPattern =
  | { readonly kind: "words"; readonly pieces: readonly Piece[] }
  | { readonly kind: "regex"; readonly source: string };

/** Searches texts in time linear in their length, whatever the pattern. */
export interface TextMatcher {
  test(text: string): boolean;
}

/** Letters of scripts that put no space between words: with them every letter may begin or end a word. */
const UNSPACED = "\\p{Han}\\p{Hiragana}\\p{Katakana}\\p{Hangul}\\p{Thai}\\p{Lao}\\p{Khmer}\\p{Myanmar}";
const BETWEEN_WORDS = `[^\\p{L}\\p{M}\\p{N}_]|[${UNSPACED}]`;
/** joe@example.org is found neither in mary.joe@example.org nor in joe@example.org.example.net. */
const BEFORE: Readonly<Record<Bound, string>> = {
  anything: "",
  word: `(?:^|${BETWEEN_WORDS})`,
  address: "(?:^|[^\\p{L}\\p{M}\\p{N}_.+-])",
};
const AFTER: Readonly<Record<Bound, string>> = {
  anything: "",
  word: `(?:$|${BETWEEN_WORDS})`,
  address: "(?:$|[^\\p{L}\\p{M}\\p{N}_.-]|[.-](?:$|[^\\p{L}\\p{M}\\p{N}_]))",
};
/** The same in ASCII; \w is [A-Za-z0-9_]. */
const ASCII_BEFORE: Readonly<Record<Bound, string>> = {
  anything: "",
  word: "(?<!\\w)",
  address: "(?<![\\w.+-])",
};
const ASCII_AFTER: Readonly<Record<Bound, string>> = {
  anything: "",
  word: "(?!\\w)",
  address: "(?![.-]?\\w)",
};

const WORD_CHARACTER = /[\p{L}\p{M}\p{N}_]/u;
const UNSPACED_CHARACTER =
  /[\p{scx=Han}\p{scx=Hira}\p{scx=Kana}\p{scx=Hang}\p{scx=Thai}\p{scx=Lao}\p{scx=Khmr}\p{scx=Mymr}]/u;

/**
 * What searches for the pattern, ignoring case. Words have to begin and end where words do; a text with an @ has to
 * begin and end where an address does.
 * @throws RE2JSException for a regular expression that RE2 does not take
 */
export function textMatcher(pattern: TextPattern): TextMatcher {
  if (pattern.kind === "regex") return programOf(pattern);
  const needle = asciiNeedle(pattern.pieces);
  if (needle === null) return programOf(pattern);
  // Most texts do not have it; a program for it is made when the first one does, and none where Node's own will do.
  const native = isLiteral(pattern) ? asciiLiteral(pattern.pieces) : null;
  let regex: RE2JS | null = null;
  return {
    test(text) {
      // Of what is no ASCII only the long s counts as an ASCII letter, but has no lower case that is one.
      if (!text.toLowerCase().includes(needle) && !text.includes("\u017f")) return false;
      if (native !== null && !NOT_ASCII.test(text)) return native.test(text);
      regex ??= programOf(pattern);
      return regex.test(text);
    },
  };
}

/**
 * Instructions of the pattern's program: searching takes at most so many steps for each character.
 * @throws RE2JSException for a regular expression that RE2 does not take
 */
export function programSize(pattern: TextPattern): number {
  return programOf(pattern).programSize();
}

/**
 * The pattern as a program of RE2, whose word {@link textMatcher} keeps on shorter ways.
 * @throws RE2JSException for a regular expression that RE2 does not take
 */
export function programOf(pattern: TextPattern): RE2JS {
  if (pattern.kind === "regex") return RE2JS.compile(pattern.source, RE2JS.CASE_INSENSITIVE);
  return RE2JS.compile(wordsSource(pattern.pieces));
}

const NOT_ASCII = /[^\0-\x7f]/;

/** What every text in ASCII that matches has in it, in lower case; null if nothing is known of it. */
function asciiNeedle(pieces: readonly Piece[]): string | null {
  const texts = pieces.filter((piece) => typeof piece === "string").sort((a, b) => b.length - a.length);
  return texts[0] === undefined || texts.some((text) => NOT_ASCII.test(text)) ? null : texts[0].toLowerCase();
}

/** True if nothing in it can stand for more than one text: searching for it is cheap, however long it is. */
export function isLiteral(pattern: TextPattern): boolean {
  return pattern.kind === "words" && within(pattern.pieces).every((piece) => typeof piece === "string");
}

/** A text as patterns see it: composed (NFC), each run of white space one space. */
export function searchable(text: string): string {
  const isAscii = !NOT_ASCII.test(text);
  // Composing takes quadratic time on marks without end; thirty in a row are more than any language has (UAX #15).
  const composed = isAscii ? text : text.replace(/(\p{M}{30})\p{M}+/gu, "$1").normalize("NFC");
  return composed.replace(/\s+/g, " ").trim();
}

function wordsSource(pieces: readonly Piece[]): string {
  const body = within(pieces)
    .map((piece) => {
      if (typeof piece === "string") return RE2JS.quote(piece);
      return piece.wildcard === "*" ? "[^ ]*" : "[^ ]";
    })
    .join("");
  const { start, end } = boundsOf(pieces);
  return `${BEFORE[start]}(?i:${body})${AFTER[end]}`;
}

/** The same for texts in ASCII alone and for literals, which the engine that is built in finds in linear time, too. */
function asciiLiteral(pieces: readonly Piece[]): RegExp {
  const { start, end } = boundsOf(pieces);
  const body = within(pieces).map((piece) => text(piece).replace(/[^A-Za-z0-9_\s]/g, "\\$&"));
  return new RegExp(`${ASCII_BEFORE[start]}${body.join("")}${ASCII_AFTER[end]}`, "i");
}

/** What the pattern has to begin and end with. */
type Bound = "anything" | "word" | "address";

function boundsOf(pieces: readonly Piece[]): { readonly start: Bound; readonly end: Bound } {
  const bound = pieces.some((piece) => text(piece).includes("@")) ? "address" : "word";
  const first = pieces[0] ?? "";
  const last = pieces.at(-1) ?? "";
  return {
    start: isBound(first, [...text(first)][0]) ? bound : "anything",
    end: isBound(last, [...text(last)].at(-1)) ? bound : "anything",
  };
}

/** Without a `*` at either end: there it says only that a word may go on. */
function within(pieces: readonly Piece[]): readonly Piece[] {
  const isStar = (piece: Piece | undefined): boolean => typeof piece === "object" && piece.wildcard === "*";
  return pieces.slice(isStar(pieces[0]) ? 1 : 0, isStar(pieces.at(-1)) ? -1 : undefined);
}

/** True if a word has to begin or end where this piece does: not at a `*`, and not beside a character of no word. */
function isBound(piece: Piece, character: string | undefined): boolean {
  if (typeof piece !== "string") return piece.wildcard === "?";
  return character !== undefined && WORD_CHARACTER.test(character) && !UNSPACED_CHARACTER.test(character);
}

function text(piece: Piece): string {
  return typeof piece === "string" ? piece : "";
}
