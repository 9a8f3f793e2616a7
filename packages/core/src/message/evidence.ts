import { type Charset, charsetOf } from "./charsets.ts";
import { LANGUAGES, type Language } from "./languages.ts";
import { type Judge, plausibility } from "./plausibility.ts";
import { readAs } from "./reading.ts";

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

/** What the rarest letter of a language is worth; the most frequent one is worth 1. */
const RARE = 0.2;
/** Of a text so much may be no character. */
const MAX_FAULTS = 0.2;
/** A character that is cut off at the end. */
const CUT = -1.5;

/** A charset, and the languages that are written in it, with the worth of their letters. */
interface Candidate extends Judge {
  readonly charset: Charset;
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
  const { text, cut, faults } = readAs(sample, charset);
  // Where so much is no character nothing else matters.
  if (faults > MAX_FAULTS * text.length) return { charset, worth: -3 * faults, octets };
  const prior = (PRIOR[charset.name] ?? OTHER_PRIOR) + (cut ? CUT : 0);
  return { charset, worth: prior + plausibility(text, candidate), octets };
}

/** The octets from the first ones that are no ASCII on: not of the middle of a character. */
function sampleOf(octets: Uint8Array, length: number): Uint8Array {
  if (octets.length <= length) return octets;
  const first = octets.findIndex((octet) => octet >= 0x80);
  return octets.subarray(Math.max(0, first - 1), first + length);
}
