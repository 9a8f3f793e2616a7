import { type Charset, charsetOf } from "./charsets.ts";
import { LANGUAGES, type Language } from "./languages.ts";
import { type Reading, readAs } from "./reading.ts";

/** So many octets are looked at: enough for any language, and little enough for a message of any size. */
const MAX_SAMPLE = 1024;
/** So many for a first glance, */
const GLANCE = 160;
/** after which so many charsets are left. */
const FINALISTS = 4;

/** What being favoured is worth, in letters. */
const FAVOUR = 2;

/** What a reading is worth beforehand, in letters: how often mail comes in a charset. */
const PRIOR: Readonly<Record<string, number>> = {
  "windows-1252": 1,
  "windows-1250": 0.1,
  "iso-8859-2": 0,
  "windows-1251": 0.5,
  gb18030: 0.5,
  shift_jis: 0.5,
  ibm437: -1.5,
  ibm850: -1,
  ibm852: -2,
  ibm866: -0.5,
  macintosh: -1.5,
  "x-mac-ce": -2,
  "x-mac-cyrillic": -0.2,
  "windows-1254": -0.1,
};

const OTHER_PRIOR = -0.3;

/** What characters are worth, per octet that they took. A letter of the language: from {@link RARE} to 1. */
const RARE = 0.2;
const OTHER_LETTER = -1;
const OTHER_CHARACTER = -0.2;
const MARK = 0.2;
const SYMBOL = -0.8;
const SYMBOL_IN_WORD = -2.5;
const UPPER_IN_WORD = -1.2;
const MIXED_SCRIPTS = -1.5;
/** A character of thousands beside a small letter of ASCII: such texts have capitals in them rather, and digits. */
const BESIDE_SMALL = -0.7;
/** A letter's form for the end of a word, at the end of one and elsewhere. */
/** The third letter with an accent in a row, as in no word of a Latin alphabet. */
const ACCENTS_IN_A_ROW = -1.2;
/** What no Cyrillic word has: a й behind a consonant, a ъ or ь behind a vowel or at the beginning. */
const UNPRONOUNCEABLE = -1.5;
const FINAL = 0.5;
const NOT_FINAL = -2;
const UPPER_CASE = 0.85;
const FAULT = -3;

/** Signs that people write, and programs for them. */
const MARKS =
  /[\u00a0-\u00a1\u00a3\u00a7\u00a9\u00ab\u00ae\u00b0\u00b4\u00b7\u00bb\u00bf\u2013-\u2014\u2018-\u201a\u201c-\u201e\u2022\u2026\u20ac\u2116\u2122\u0e50-\u0e59\uff01-\uff5e]/;
const APOSTROPHES = /[\u2019\u00b4\u00b7\u00ad\u2010\u2011\u2013]/;
const LETTER = /[\p{L}\p{M}]/u;
const NEVER = /[\u0080-\u009f\ufffd\ue000-\uf8ff]/;
const FINAL_FORM = /[ςךםןףץ]/;
const CYRILLIC_OFFENCE = /[бвгджзклмнпрстфхцчшщъь]й|(?<![\p{L}])[ъьы]|[аеиоуыэюяйъь][ъь]/giu;
const CYRILLIC = /\p{Script=Cyrillic}/u;
const SMALL = /[a-z]/;
const LATIN = /[\p{Script=Latin}]/u;

/** A charset, and the languages that are written in it, with the worth of their letters. */
interface Candidate {
  readonly charset: Charset;
  readonly alphabets: readonly ReadonlyMap<string, number>[];
  /** Whose characters are so many that a rare one says little. */
  readonly characters: boolean;
}

let candidates: readonly Candidate[] | undefined;

/** Made when it is first needed: most mail never needs it. */
function allCandidates(): readonly Candidate[] {
  candidates ??= makeCandidates();
  return candidates;
}

function makeCandidates(): readonly Candidate[] {
  const names = new Set(LANGUAGES.flatMap(({ charsets }) => charsets));
  return [...names].flatMap((name) => {
    const charset = charsetOf(name);
    const languages = LANGUAGES.filter(({ charsets }) => charsets.includes(name));
    const characters = languages.some(({ kind }) => kind === "characters");
    return charset === null ? [] : [{ charset, alphabets: languages.map(worths), characters }];
  });
}

function worths({ letters, kind }: Language): ReadonlyMap<string, number> {
  const all = [...letters];
  return new Map(
    all.map((letter, rank) => [letter, kind === "characters" ? 1 : 1 - ((1 - RARE) * rank) / all.length]),
  );
}

/** How well octets read in a charset. */
export interface Verdict {
  readonly charset: Charset;
  /** The letters' worth in the language that fits best. Above 0: it is such text rather than not. */
  readonly worth: number;
  /** How many of the octets that were looked at are above 127. */
  readonly octets: number;
}

/**
 * The charset in which octets, which are neither ASCII nor UTF-8, read best. `favoured` is one that something speaks for;
 * it has to be clearly worse to lose.
 */
export function likeliestCharset(octets: Uint8Array, favoured: Charset | null = null): Verdict | null {
  const judge = (candidate: Candidate, sample: Uint8Array): Verdict => {
    const verdict = verdictOf(candidate, sample);
    return candidate.charset.name === favoured?.name
      ? { ...verdict, worth: verdict.worth + FAVOUR }
      : verdict;
  };
  // A glance rules most of them out.
  const glance = sampleOf(octets, GLANCE);
  const glances = allCandidates().map((candidate) => [candidate, judge(candidate, glance)] as const);
  glances.sort(([, one], [, other]) => other.worth - one.worth);
  if (octets.length <= GLANCE) return glances[0]?.[1] ?? null;
  const sample = sampleOf(octets, MAX_SAMPLE);
  const verdicts = glances.slice(0, FINALISTS).map(([candidate]) => judge(candidate, sample));
  return verdicts.toSorted((one, other) => other.worth - one.worth)[0] ?? null;
}

/** How well octets read in this charset; null for one of which nothing is known. */
export function verdictOn(octets: Uint8Array, charset: Charset): Verdict | null {
  const candidate = allCandidates().find((one) => one.charset.name === charset.name);
  return candidate === undefined ? null : verdictOf(candidate, sampleOf(octets, GLANCE));
}

function verdictOf(candidate: Candidate, sample: Uint8Array): Verdict {
  const { charset } = candidate;
  const octets = sample.reduce((count, octet) => (octet < 0x80 ? count : count + 1), 0);
  return { charset, worth: worthOf(candidate, readAs(sample, charset)), octets };
}

/** The octets from the first ones that are no ASCII on: not of the middle of a character. */
function sampleOf(octets: Uint8Array, length: number): Uint8Array {
  if (octets.length <= length) return octets;
  const first = octets.findIndex((octet) => octet >= 0x80);
  return octets.subarray(Math.max(0, first - 1), first + length);
}

function worthOf(candidate: Candidate, reading: Reading): number {
  const { text } = reading;
  const { alphabets, charset } = candidate;
  const sums = alphabets.map(() => 0);
  const octets = charset.shape === "multi" ? 2 : 1;
  let common = (PRIOR[charset.name] ?? OTHER_PRIOR) + (reading.cut ? FAULT / 2 : 0);
  let before = " ";
  const points = [...text];
  for (const [at, point] of points.entries()) {
    const after = points[at + 1] ?? " ";
    if (point > "\x7f") {
      if (NEVER.test(point)) common += FAULT;
      else if (LETTER.test(point) || alphabets.some((letters) => letters.has(point))) {
        const lower = point.toLowerCase();
        for (const [index, letters] of alphabets.entries()) {
          const worth =
            letters.get(lower) ??
            letters.get(point) ??
            (candidate.characters ? OTHER_CHARACTER : OTHER_LETTER);
          sums[index] =
            (sums[index] ?? 0) + octets * (lower === point || worth < 0 ? worth : worth * UPPER_CASE);
        }
        if (lower !== point && isLower(before)) common += UPPER_IN_WORD;
        if (candidate.characters) {
          if (SMALL.test(before)) common += BESIDE_SMALL;
          if (SMALL.test(after)) common += BESIDE_SMALL;
        } else if (isOtherScript(point, before) || isOtherScript(point, after)) common += MIXED_SCRIPTS;
        if (isAccented(point) && isAccented(before) && isAccented(points[at - 2])) common += ACCENTS_IN_A_ROW;
        if (FINAL_FORM.test(point)) common += LETTER.test(after) ? NOT_FINAL : FINAL;
      } else if (LETTER.test(before) && LETTER.test(after) && !APOSTROPHES.test(point))
        common += SYMBOL_IN_WORD;
      else common += MARKS.test(point) ? MARK : SYMBOL;
    } else if (before > "\x7f" && point !== point.toLowerCase() && isLower(before)) common += UPPER_IN_WORD;
    before = point;
  }
  if (CYRILLIC.test(text)) common += UNPRONOUNCEABLE * (text.match(CYRILLIC_OFFENCE)?.length ?? 0);
  return common + Math.max(...sums);
}

function isAccented(letter = ""): boolean {
  return letter > "\x7f" && LATIN.test(letter);
}

function isLower(letter: string): boolean {
  return letter !== letter.toUpperCase();
}

/** True for a letter of ASCII beside one that is not Latin. */
function isOtherScript(letter: string, beside: string): boolean {
  return beside < "\x80" && LETTER.test(beside) && !LATIN.test(letter);
}
