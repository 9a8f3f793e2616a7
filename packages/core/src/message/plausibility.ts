/** How a text is judged: as one of languages of letters, or of one whose thousands of characters take two octets each. */
export interface Judge {
  /** What the letters of each language are worth, in lower case, from 0 to 1. */
  readonly alphabets: readonly ReadonlyMap<string, number>[];
  readonly characters: boolean;
}

/** A letter that the language does not have, and a character of thousands that is not among the frequent ones. */
const OTHER_LETTER = -1;
const OTHER_CHARACTER = -0.2;
/** A capital is less frequent, */
const CAPITAL = 0.85;
/** and a letter that is no part of a word says less. */
const ALONE = 0.5;
/** Signs that people write, and programs for them; other ones; those that stand where no sign does. */
const MARK = 0.2;
const SYMBOL = -0.8;
const SYMBOL_IN_WORD = -2.5;
const NUMBER_IN_WORD = -1.5;
/** A capital behind a small letter of the same word. */
const CAPITAL_IN_WORD = -1.2;
/** Letters of two scripts side by side. */
const MIXED_SCRIPTS = -1.5;
/** A character of thousands beside a small letter of ASCII: such texts have capitals in them rather, and digits. */
const BESIDE_SMALL = -0.7;
/** The third letter with an accent in a row, as in no word of a Latin alphabet. */
const ACCENTS_IN_A_ROW = -1.2;
/** A letter's form for the end of a word, at the end of one and elsewhere. */
const FINAL = 0.5;
const NOT_FINAL = -2;
/** What no Cyrillic word has: a й behind a consonant, a ъ or ь behind a vowel or at the beginning. */
const UNPRONOUNCEABLE = -1.5;
/** What is no character, or one that nobody writes. */
const FAULT = -3;

const MARKS =
  /[\u00a0-\u00bf\u00d7\u00f7\u2013-\u2014\u2018-\u201a\u201c-\u201e\u2022\u2026\u20ac\u2116\u2122\u0e50-\u0e59\uff01-\uff5e]/;
/** Numbers and words in one character, as Japanese has them beside its letters: ①, Ⅳ, ㈱, ㎡. No alphabet's charset has any. */
const ENCLOSED = /[\u2160-\u217b\u2460-\u249b\u3220-\u33ff]/;
const OF_NUMBERS = /[\u00a2-\u00a6\u00a8\u00ac\u00b1\u00b9\u00bc-\u00be\u00d7\u00f7]/;
/** Signs that no word begins with, and those that none ends with. */
const NOT_BEFORE_WORDS = /[\u00ae\u00b8\u2122]/;
const NOT_BEHIND_WORDS = /\u2022/;
const APOSTROPHES = /[\u2019\u00b4\u00b7\u00ad\u2010\u2011\u2013]/;
const LETTER = /[\p{L}\p{M}]/u;
const NEVER = /[\u0080-\u009f\ufffd\ue000-\uf8ff]/;
const FINAL_FORM = /[ςךםןףץ]/;
const CYRILLIC = /\p{Script=Cyrillic}/u;
const CYRILLIC_OFFENCE = /[бвгджзклмнпрстфхцчшщъь]й|(?<!\p{L})[ъьы]|[аеиоуыэюяйъь][ъь]/giu;
const LATIN = /\p{Script=Latin}/u;

/** What is the same for a character in every text. */
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

/** Each character is looked at once; those of all charsets are fewer than 100,000. */
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
 * How plausible a text is, in letters: each frequent letter beyond ASCII counts up to 1 in the language that fits best, and
 * what no text of such languages has counts against it.
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

/** Adds what the letter is worth in each language. */
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

/** Counts against a letter that is not Latin beside one of ASCII. */
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
