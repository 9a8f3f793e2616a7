import { RE2JS } from "re2js";
import { HAN_PLANES, LETTER_BLOCKS, OF_WORDS, UNSPACED } from "../words/letters.ts";

/** A part of a word pattern: literal text, `*` (any number of characters other than white space) or `?` (one of them). */
export type Piece = string | { readonly wildcard: "*" | "?" };

/** The pattern that a term searches for: words, perhaps with wildcards, or a regular expression. */
export type TextPattern =
  | { readonly kind: "words"; readonly pieces: readonly Piece[] }
  | { readonly kind: "regex"; readonly source: string };

/** Searches for a pattern, in time that grows linearly with the text, whatever the pattern is. */
export interface TextMatcher {
  /** True if the pattern is found in `text`, which must have been made by {@link searchable}. */
  test(text: string): boolean;
}

/** Scripts that put no space between words: a word may begin and end at any of their letters. */
const UNSPACED_SCRIPTS = `${HAN_PLANES}\\p{Han}\\p{Hiragana}\\p{Katakana}\\p{Hangul}\\p{Thai}\\p{Lao}\\p{Khmer}\\p{Myanmar}`;
/** Not assigned, and no letter either; RE2 has no intersection of classes. */
const UNASSIGNED_SIGN = `[^\\P{Cn}${LETTER_BLOCKS}]`;
/** All but {@link OF_WORDS}. */
const NOT_OF_WORDS = `[^\\p{L}\\p{M}\\p{N}\\p{Cn}_]|${UNASSIGNED_SIGN}`;
const BETWEEN_WORDS = `${NOT_OF_WORDS}|[${UNSPACED_SCRIPTS}]`;
/**
 * What may stand before and after a match, as RE2 source. The bound `address` sees to it that joe@example.org is found
 * neither in mary.joe@example.org nor in joe@example.org.example.net.
 */
const BEFORE: Readonly<Record<Bound, string>> = {
  anything: "",
  word: `(?:^|${BETWEEN_WORDS})`,
  address: `(?:^|${UNASSIGNED_SIGN}|[^\\p{L}\\p{M}\\p{N}\\p{Cn}_.+-])`,
};
const AFTER: Readonly<Record<Bound, string>> = {
  anything: "",
  word: `(?:$|${BETWEEN_WORDS})`,
  address: `(?:$|${UNASSIGNED_SIGN}|[^\\p{L}\\p{M}\\p{N}\\p{Cn}_.-]|[.-](?:$|${NOT_OF_WORDS}))`,
};
/** The same for texts in ASCII, as JavaScript source; there \w is [A-Za-z0-9_]. */
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

const WORD_CHARACTER = new RegExp(`[${OF_WORDS}]`, "v");
const UNSPACED_CHARACTER = new RegExp(`[${UNSPACED}]`, "u");

/**
 * Makes a matcher for the pattern, ignoring case. A match of words begins and ends where a word of the text does; if the
 * pattern has an @, where an address does.
 * @throws RE2JSException for a regular expression that RE2 does not accept
 */
export function textMatcher(pattern: TextPattern): TextMatcher {
  if (pattern.kind === "regex") return programOf(pattern);
  const needle = asciiNeedle(pattern.pieces);
  if (needle === null) return programOf(pattern);
  // Most texts do not contain the needle. RE2 is slow to compile, so that waits for a text that needs it.
  const native = isLiteral(pattern) ? asciiLiteral(pattern.pieces) : null;
  let regex: RE2JS | null = null;
  return {
    test(text) {
      // Ignoring case, the long s (U+017F) matches an s, but its lower case is no s. No other character does that.
      if (!text.toLowerCase().includes(needle) && !text.includes("\u017f")) return false;
      if (native !== null && !NOT_ASCII.test(text)) return native.test(text);
      regex ??= programOf(pattern);
      return regex.test(text);
    },
  };
}

/**
 * The number of RE2 instructions of the pattern. A search takes at most that many steps for each character of a text.
 * @throws RE2JSException for a regular expression that RE2 does not accept
 */
export function programSize(pattern: TextPattern): number {
  return programOf(pattern).programSize();
}

/**
 * Compiles the pattern with RE2. {@link textMatcher} is often faster, and must give the same results as this.
 * @throws RE2JSException for a regular expression that RE2 does not accept
 */
export function programOf(pattern: TextPattern): RE2JS {
  if (pattern.kind === "regex") return RE2JS.compile(pattern.source, RE2JS.CASE_INSENSITIVE);
  return RE2JS.compile(wordsSource(pattern.pieces));
}

const NOT_ASCII = /[^\0-\x7f]/;

/** A text in lower case that every match in an ASCII text contains; null if the pattern has no such text. */
function asciiNeedle(pieces: readonly Piece[]): string | null {
  const texts = pieces.filter((piece) => typeof piece === "string").sort((a, b) => b.length - a.length);
  return texts[0] === undefined || texts.some((text) => NOT_ASCII.test(text)) ? null : texts[0].toLowerCase();
}

/** True if the pattern has no inner wildcard and is no regular expression: it is cheap to search for at any length. */
export function isLiteral(pattern: TextPattern): boolean {
  return pattern.kind === "words" && within(pattern.pieces).every((piece) => typeof piece === "string");
}

/** Prepares a text for a {@link TextMatcher}: composed (NFC), and with one space for each run of white space. */
export function searchable(text: string): string {
  const isAscii = !NOT_ASCII.test(text);
  // Composing takes quadratic time on many marks in a row; more than thirty stand in no language (UAX #15).
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

/** The JavaScript expression for a literal in ASCII texts: for these the built-in engine takes linear time, too. */
function asciiLiteral(pieces: readonly Piece[]): RegExp {
  const { start, end } = boundsOf(pieces);
  const body = within(pieces).map((piece) => text(piece).replace(/[^A-Za-z0-9_\s]/g, "\\$&"));
  return new RegExp(`${ASCII_BEFORE[start]}${body.join("")}${ASCII_AFTER[end]}`, "i");
}

/** Where a match may begin or end: anywhere, where a word of the text does, or where an address does. */
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

/** The pieces without a `*` at either end: there it only says that the word may go on. */
function within(pieces: readonly Piece[]): readonly Piece[] {
  const isStar = (piece: Piece | undefined): boolean => typeof piece === "object" && piece.wildcard === "*";
  return pieces.slice(isStar(pieces[0]) ? 1 : 0, isStar(pieces.at(-1)) ? -1 : undefined);
}

/** True if a word of the text must begin or end where this piece does; `character` is the piece's outermost. */
function isBound(piece: Piece, character: string | undefined): boolean {
  if (typeof piece !== "string") return piece.wildcard === "?";
  return character !== undefined && WORD_CHARACTER.test(character) && !UNSPACED_CHARACTER.test(character);
}

function text(piece: Piece): string {
  return typeof piece === "string" ? piece : "";
}
