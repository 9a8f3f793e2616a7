import { OF_WORDS } from "./letters.ts";

/**
 * What a person takes for one character, of those that are not ASCII: a letter with its marks, a syllable of Hangul in its
 * parts, a half-width Kana with the sign behind it that voices it, any other character. Of more marks than stand in any language (UAX #15 says thirty) each heap of thirty counts for
 * itself, because to bring marks into order takes quadratic time.
 */
export const CHARACTER =
  "(?:[\\u1100-\\u115f\\ua960-\\ua97c]{1,9}[\\u1160-\\u11a7\\ud7b0-\\ud7c6]{0,9}[\\u11a8-\\u11ff\\ud7cb-\\ud7fb]{0,9}|[\\uff66-\\uff9d][\\uff9e\\uff9f]?|[^\\0-\\x7f])\\p{M}{0,30}";

/** Marks without which a word is the same word to who searches: ranges of a character class. */
const ACCENTS = "\\u0300-\\u036f\\u0483-\\u0489\\u1ab0-\\u1aff\\u1dc0-\\u1dff\\u20d0-\\u20ff\\ufe20-\\ufe2f";
const HEBREW_POINTS = "\\u0591-\\u05bd\\u05bf\\u05c1\\u05c2\\u05c4\\u05c5\\u05c7";
/** With the bar by which words are stretched. */
const ARABIC_SIGNS =
  "\\u0610-\\u061a\\u0640\\u064b-\\u065f\\u0670\\u06d6-\\u06dc\\u06df-\\u06e4\\u06e7\\u06e8\\u06ea-\\u06ed\\u08d3-\\u08ff";
/**
 * These marks; $1 is й, which loses its breve to nobody. In other scripts marks are letters in all but name (the vowels of
 * Devanagari, the tones of Thai), and stay.
 */
const MARKS = new RegExp(`([\\u0438\\u0418]\\u0306)|[${ACCENTS}${HEBREW_POINTS}${ARABIC_SIGNS}]`, "gu");

/** Characters that show nothing by themselves: soft hyphens, joiners, directions, variation selectors. */
const INVISIBLE = /[\p{Default_Ignorable_Code_Point}\p{Cf}]/gu;

/** Letters that Unicode does not take apart, and what is typed for them. */
const PLAIN: Readonly<Record<string, string>> = {
  ...{ ø: "o", ł: "l", đ: "d", ħ: "h", ð: "d", æ: "ae", œ: "oe" },
  // What Persian keyboards have for letters of Arabic ones, and what is written for either at the end of a word.
  ...{ "\u06cc": "\u064a", "\u0649": "\u064a", "\u06a9": "\u0643", "\u0629": "\u0647" },
};

const STARTS_WORD = new RegExp(`^[${OF_WORDS}]`, "v");
const BETWEEN_WORDS = new RegExp(`[^${OF_WORDS}]+`, "gv");

/** How one character of a text takes part in its words. */
export interface FoldedCharacter {
  /** The character as words are compared by it; spaces in it part words. Empty: it is as if it were not there. */
  readonly text: string;
  /** False: words end before and behind it. */
  readonly isOfWord: boolean;
  /** It begins with something invisible, where others may see a word's end. */
  readonly isJoint: boolean;
}

/** The characters that were folded before; few of all that there are stand in the mail of one person. */
const known = new Map<string, FoldedCharacter>();
const MOST_KNOWN = 20_000;

/**
 * Folds one {@link CHARACTER}: without case, accents and forms. What is left are the differences of the first level of the
 * Unicode collation (UTS #10), for Latin, Greek and Cyrillic: é, ö, ñ, ё are e, o, n, е, but й is not и; ß is ss, ı and İ are
 * i, ς is σ, full-width letters and ligatures are what they stand for (NFKC). Digits of all scripts are those of ASCII.
 * Hiragana and Katakana, か and が, and traditional and simplified Chinese stay different.
 */
export function foldCharacter(character: string): FoldedCharacter {
  const before = known.get(character);
  if (before !== undefined) return before;
  const folded = fold(character);
  if (known.size >= MOST_KNOWN) known.clear();
  known.set(character, folded);
  return folded;
}

function fold(character: string): FoldedCharacter {
  const visible = character.replace(INVISIBLE, "");
  const isJoint = /^\p{Cf}/u.test(character);
  if (visible === "") return { text: "", isOfWord: true, isJoint };
  const bare = visible.normalize("NFKD").replace(MARKS, "$1");
  // By way of the upper case, as the lower case of ß, ı and ς is themselves; that of ẞ is ß.
  const lower = bare.toLowerCase().toUpperCase().toLowerCase().normalize("NFKD").replace(MARKS, "$1");
  const plain = lower.replace(/[^\0-\x7f]/gu, (letter) => PLAIN[letter] ?? digitOf(letter) ?? letter);
  return {
    text: plain.normalize("NFC").replace(BETWEEN_WORDS, " "),
    isOfWord: STARTS_WORD.test(visible),
    isJoint,
  };
}

/** The ASCII digit of a digit of another script; null for what is none. They stand in tens, each from 0 to 9. */
function digitOf(character: string): string | null {
  if (!/^\p{Nd}$/u.test(character)) return null;
  const point = character.codePointAt(0) ?? 0;
  for (let value = 0; value < 10; value++)
    if (!/\p{Nd}/u.test(String.fromCodePoint(point - value - 1))) return String(value);
  return null;
}
