import { eastAsianWidth } from "get-east-asian-width";

/**
 * ASCII, the letters of Latin, Greek and Cyrillic, and the punctuation between them, as far as each is a character by itself
 * and takes one column: nothing in it is joined with what is beside it. Most texts are of nothing else.
 */
const SINGLE = /^[\x20-\x7e\xa0-\xac\xae-\u02ff\u0370-\u0482\u048a-\u052f\u2010-\u2027\u20ac]*$/;

/** True if this says at a glance that every character of the text takes one column; false if that has to be counted. */
export function isOneColumnEach(text: string): boolean {
  return SINGLE.test(text);
}

/** Made at the first text that needs it: making it takes longer than all the rest of a short command. */
let segmenter: Intl.Segmenter | undefined;

/** The characters of a text as a person counts them (grapheme clusters, Unicode annex 29), in order. */
export function* graphemesOf(text: string): Generator<string> {
  segmenter ??= new Intl.Segmenter("en", { granularity: "grapheme" });
  for (const { segment } of segmenter.segment(text)) yield segment;
}

/**
 * How many columns a text takes where all letters are equally wide, as on a terminal: two for the ideographs and
 * syllables of East Asia and for emoji, none for marks that are set on the letter before them and for invisible
 * characters. Control characters count for nothing, a tab too. Characters of ambiguous width take one column.
 */
export function columnsOf(text: string): number {
  if (isOneColumnEach(text)) return text.length;
  let columns = 0;
  for (const grapheme of graphemesOf(text)) columns += columnsOfGrapheme(grapheme);
  return columns;
}

/** Longer clusters are no emoji; somebody heaped marks on a letter. */
const LONGEST_EMOJI = 64;
const FLAG = /^\p{Regional_Indicator}{2}/u;
const KEYCAP = /^[\d#*]\ufe0f?\u20e3/u;
const PICTOGRAPH = /^\p{Extended_Pictographic}/u;
/** What makes an emoji of a sign that is a letter otherwise: the request for it, a skin tone, a second picture. */
const AS_EMOJI = /\ufe0f|\p{Emoji_Modifier}|\u200d\p{Extended_Pictographic}/u;

/** How many columns one of {@link graphemesOf} takes. */
export function columnsOfGrapheme(grapheme: string): number {
  if (grapheme.length === 1) return columnsOfCharacter(grapheme);
  if (grapheme.length <= LONGEST_EMOJI) {
    if (FLAG.test(grapheme) || KEYCAP.test(grapheme)) return 2;
    if (PICTOGRAPH.test(grapheme))
      return AS_EMOJI.test(grapheme) ? 2 : eastAsianWidth(grapheme.codePointAt(0) ?? 0);
  }
  let columns = 0;
  for (const character of grapheme) columns += columnsOfCharacter(character);
  return columns;
}

/** Vowels and final consonants of Hangul stand within the syllable that a first consonant begins. */
const NO_COLUMN =
  /^[\p{Control}\p{Format}\p{Surrogate}\p{Nonspacing_Mark}\p{Enclosing_Mark}\p{Default_Ignorable_Code_Point}\u2028\u2029\u1160-\u11ff\ud7b0-\ud7fb]/u;

function columnsOfCharacter(character: string): number {
  return NO_COLUMN.test(character) ? 0 : eastAsianWidth(character.codePointAt(0) ?? 0);
}
