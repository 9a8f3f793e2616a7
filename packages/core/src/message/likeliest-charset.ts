import { type Charset, charsetOf } from "./charsets.ts";
import { LANGUAGES, type Language } from "./languages.ts";
import { type Judge, plausibility } from "./plausibility.ts";
import { readAs } from "./reading.ts";

/** How many octets are looked at: enough for any language, and few enough for texts of any length. */
const MAX_SAMPLE = 1024;
/** How many octets all charsets are tried with first, */
const GLANCE = 160;
/** and how many of the charsets are then tried with the whole sample. */
const FINALISTS = 4;

/** What the favoured charset gets in addition. A worth is counted in letters: a frequent letter is worth 1. */
const FAVOUR = 2;

/** What each charset is worth before its text is looked at, as some come in mail more often than others. */
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

/** The worth of the rarest letter of a language; the most frequent one is worth 1. */
const RARE = 0.2;
/** The largest part of a text that may be no character. */
const MAX_FAULTS = 0.2;
/** The worth of a character that is cut off at the end. */
const CUT = -1.5;

/** A charset with the languages that are written in it, and the worths of their letters. */
interface CharsetProfile extends Judge {
  readonly charset: Charset;
}

let candidates: readonly CharsetProfile[] | undefined;

/** The candidates; they are made at the first call, because most mail never needs them. */
function allCandidates(): readonly CharsetProfile[] {
  candidates ??= makeCandidates();
  return candidates;
}

function makeCandidates(): readonly CharsetProfile[] {
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

/** How plausible octets are as text in a charset. */
export interface Verdict {
  readonly charset: Charset;
  /** The worth of the text in the language that fits best. Above 0 the octets are more likely such text than not. */
  readonly worth: number;
  /** How many of the octets in the sample are above 127. */
  readonly octets: number;
}

/**
 * The most plausible charset of octets that are neither ASCII nor UTF-8. `favoured` is a charset for which something
 * else speaks; another one is given only if it is clearly more plausible.
 */
export function likeliestCharset(octets: Uint8Array, favoured: Charset | null = null): Verdict | null {
  const judge = (candidate: CharsetProfile, sample: Uint8Array): Verdict => {
    const verdict = verdictOf(candidate, sample);
    return candidate.charset.name === favoured?.name
      ? { ...verdict, worth: verdict.worth + FAVOUR }
      : verdict;
  };
  // A short sample rules most of them out.
  const glance = sampleOf(octets, GLANCE);
  const glances = allCandidates().map((candidate) => [candidate, judge(candidate, glance)] as const);
  glances.sort(([, one], [, other]) => other.worth - one.worth);
  if (octets.length <= GLANCE) return glances[0]?.[1] ?? null;
  const sample = sampleOf(octets, MAX_SAMPLE);
  const verdicts = glances.slice(0, FINALISTS).map(([candidate]) => judge(candidate, sample));
  return verdicts.toSorted((one, other) => other.worth - one.worth)[0] ?? null;
}

/** How plausible octets are in this charset; null if no language is known that is written in it. */
export function verdictOn(octets: Uint8Array, charset: Charset): Verdict | null {
  const candidate = allCandidates().find((one) => one.charset.name === charset.name);
  return candidate === undefined ? null : verdictOf(candidate, sampleOf(octets, GLANCE));
}

function verdictOf(candidate: CharsetProfile, sample: Uint8Array): Verdict {
  const { charset } = candidate;
  const octets = sample.reduce((count, octet) => (octet < 0x80 ? count : count + 1), 0);
  const { text, cut, faults } = readAs(sample, charset);
  // With so many faults nothing else matters.
  if (faults > MAX_FAULTS * text.length) return { charset, worth: -3 * faults, octets };
  const prior = (PRIOR[charset.name] ?? OTHER_PRIOR) + (cut ? CUT : 0);
  return { charset, worth: prior + plausibility(text, candidate), octets };
}

/** About `length` octets around the first ones outside ASCII. The sample must not begin within a character. */
function sampleOf(octets: Uint8Array, length: number): Uint8Array {
  if (octets.length <= length) return octets;
  const first = octets.findIndex((octet) => octet >= 0x80);
  return octets.subarray(Math.max(0, first - 1), first + length);
}
