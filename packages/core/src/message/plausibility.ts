/** The languages by which a text is judged. */
export interface Judge {
  /** For each language the worth of its letters in lower case, from 0 to 1. */
  readonly alphabets: readonly ReadonlyMap<string, number>[];
  /** True for languages with thousands of characters, of two octets each. */
  readonly characters: boolean;
}

/** The worth of a letter that the language does not have, and of a character of thousands that is not a frequent one. */
const OTHER_LETTER = -1;
const OTHER_CHARACTER = -0.2;
/** The worth of a letter is multiplied by this if it is a capital, which is less frequent, */
const CAPITAL = 0.85;
/** and by this if it stands alone, because that says less than a word. */
const ALONE = 0.5;
/** The worth of signs that are frequent in mail; of other ones; of signs and numbers within words, where none belong. */
const MARK = 0.2;
const SYMBOL = -0.8;
const SYMBOL_IN_WORD = -2.5;
const NUMBER_IN_WORD = -1.5;
/** The worth of a capital after a small letter of the same word. */
const CAPITAL_IN_WORD = -1.2;
/** The worth of letters of two scripts side by side. */
const MIXED_SCRIPTS = -1.5;
/** The worth of a character of thousands beside a small letter of ASCII; such texts rather have capitals and digits. */
const BESIDE_SMALL = -0.7;
/** The worth of the third accented letter in a row: no word in a Latin alphabet has three. */
const ACCENTS_IN_A_ROW = -1.2;
/** The worth of a Hebrew letter's form for the end of a word, at the end of one and elsewhere. */
const FINAL = 0.5;
const NOT_FINAL = -2;
/** The worth of what no Cyrillic word has: a й after a consonant, a ъ or ь after a vowel or at the beginning. */
const UNPRONOUNCEABLE = -1.5;
/** The worth of a character that nobody writes, and of octets that are no character. */
const FAULT = -3;

const MARKS =
  /[\u00a0-\u00bf\u00d7\u00f7\u2013-\u2014\u2018-\u201a\u201c-\u201e\u2022\u2026\u20ac\u2116\u2122\u0e50-\u0e59\uff01-\uff5e]/;
/** Numbers and words in one character, as Japanese texts have them: ①, Ⅳ, ㈱, ㎡. No charset of an alphabet has any. */
const ENCLOSED = /[\u2160-\u217b\u2460-\u249b\u3220-\u33ff]/;
const OF_NUMBERS = /[\u00a2-\u00a6\u00a8\u00ac\u00b1\u00b9\u00bc-\u00be\u00d7\u00f7]/;
/** Signs that never stand right before a word, and signs that never stand right after one. */
const NOT_BEFORE_WORDS = /[\u00ae\u00b8\u2122]/;
const NOT_BEHIND_WORDS = /\u2022/;
const APOSTROPHES = /[\u2019\u00b4\u00b7\u00ad\u2010\u2011\u2013]/;
const LETTER = /[\p{L}\p{M}]/u;
const NEVER = /[\u0080-\u009f\ufffd\ue000-\uf8ff]/;
const FINAL_FORM = /[ςךםןףץ]/;
const CYRILLIC = /\p{Script=Cyrillic}/u;
const CYRILLIC_OFFENCE = /[бвгджзклмнпрстфхцчшщъь]й|(?<!\p{L})[ъьы]|[аеиоуыэюяйъь][ъь]/giu;
const LATIN = /\p{Script=Latin}/u;

/** The properties of a character that do not depend on the text. */
interface Point {
  readonly text: string;
  readonly lower: string;
  readonly isAscii: boolean;
  readonly isLetter: boolean;
  readonly isMark: boolean;
  readonly isCapital: boolean;
  readonly isSmall: boolean;
  readonly isLatin: boolean;
  readonly isNever: boolean;
}

/** A cache of all characters that were met. It is bounded: all charsets together have fewer than 100,000. */
const POINTS = new Map<string, Point>();

function pointOf(text: string): Point {
  const known = POINTS.get(text);
  if (known !== undefined) return known;
  const lower = text.toLowerCase();
  const point: Point = {
    text,
    lower,
    isAscii: text < "\x80",
    isLetter: LETTER.test(text),
    isMark: MARKS.test(text),
    isCapital: text !== lower,
    isSmall: text !== text.toUpperCase(),
    isLatin: LATIN.test(text),
    isNever: NEVER.test(text),
  };
  POINTS.set(text, point);
  return point;
}

const BLANK = pointOf(" ");

/**
 * How plausible a text is in the language that fits it best. The measure is letters: each letter outside ASCII counts up
 * to 1 if it is frequent, and whatever no text in these languages has counts below 0.
 */
export function plausibility(text: string, judge: Judge): number {
  const points = Array.from(text, pointOf);
  const sums = judge.alphabets.map(() => 0);
  let common = 0;
  let hasSmall = false;
  let second = BLANK;
  let before = BLANK;
  for (const [at, point] of points.entries()) {
    const after = points[at + 1] ?? BLANK;
    if (point.isCapital && hasSmall && !(point.isAscii && before.isAscii)) common += CAPITAL_IN_WORD;
    hasSmall = point.isLetter && (hasSmall || point.isSmall);
    if (point.isNever) common += FAULT;
    else if (!point.isAscii) {
      if (isLetter(point, judge)) {
        addWorths(sums, point, !before.isLetter && !after.isLetter, judge);
        common += judge.characters
          ? besideSmall(before) + besideSmall(after)
          : inScript(point, before, after);
        if (isAccented(point) && isAccented(before) && isAccented(second)) common += ACCENTS_IN_A_ROW;
        if (FINAL_FORM.test(point.text)) common += after.isLetter ? NOT_FINAL : FINAL;
      } else common += signInPlace(point, before, after);
    }
    second = before;
    before = point;
  }
  if (CYRILLIC.test(text)) common += UNPRONOUNCEABLE * (text.match(CYRILLIC_OFFENCE)?.length ?? 0);
  return common + Math.max(...sums);
}

function isLetter({ isLetter, isMark, text }: Point, { alphabets }: Judge): boolean {
  return (isLetter && !isMark) || alphabets.some((letters) => letters.has(text));
}

/** Adds the worth of the letter in each language to that language's sum. */
function addWorths(sums: number[], point: Point, isAlone: boolean, { alphabets, characters }: Judge): void {
  const weight = characters ? 2 : isAlone ? ALONE : 1;
  for (let index = 0; index < alphabets.length; index++) {
    const worth =
      alphabets[index]?.get(point.lower) ??
      alphabets[index]?.get(point.text) ??
      (characters ? OTHER_CHARACTER : OTHER_LETTER);
    sums[index] = (sums[index] ?? 0) + weight * (worth > 0 && point.isCapital ? worth * CAPITAL : worth);
  }
}

function besideSmall({ isAscii, isLetter, isSmall }: Point): number {
  return isAscii && isLetter && isSmall ? BESIDE_SMALL : 0;
}

/** The worth, below 0, of a letter that is not Latin beside a letter of ASCII. */
function inScript({ isLatin }: Point, before: Point, after: Point): number {
  const isMixed = !isLatin && ((before.isAscii && before.isLetter) || (after.isAscii && after.isLetter));
  return isMixed ? MIXED_SCRIPTS : 0;
}

function signInPlace({ text, isMark }: Point, before: Point, after: Point): number {
  if (ENCLOSED.test(text)) return MARK;
  if (after.isLetter && NOT_BEFORE_WORDS.test(text)) return SYMBOL;
  if (before.isLetter && NOT_BEHIND_WORDS.test(text)) return SYMBOL;
  if (before.isLetter && after.isLetter && !APOSTROPHES.test(text)) return SYMBOL_IN_WORD;
  if ((before.isLetter || after.isLetter) && OF_NUMBERS.test(text)) return NUMBER_IN_WORD;
  return isMark ? MARK : SYMBOL;
}

function isAccented({ isAscii, isLatin }: Point): boolean {
  return !isAscii && isLatin;
}
