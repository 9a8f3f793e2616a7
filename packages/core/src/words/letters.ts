/**
 * Where a code point that Unicode has not assigned counts as a letter: everywhere but in the blocks of signs (currencies,
 * arrows, emoji, the Arabic ligatures that stand for whole sentences) and at U+FFFE and U+FFFF. The characters themselves,
 * for a class of JavaScript's expressions as well as of RE2's.
 */
export const LETTER_BLOCKS =
  "\0-\u206f\u2c00-\ufb4f\ufe00-\ufffd\u{10000}-\u{1cbff}\u{1d400}-\u{1efff}\u{20000}-\u{10ffff}";

/** The planes that Unicode keeps for Han ideographs, assigned or not: a range of a character class as above. */
export const HAN_PLANES = "\u{20000}-\u{3fffd}";

/**
 * What words consist of: the inside of a character class, for expressions with the flag `v`.
 *
 * Nodes know different versions of Unicode, and use one database together: what one cuts the other must find. So what is not
 * assigned yet is a letter already: nearly all that is assigned later are letters without case, and Unicode never gives a
 * decomposition or a case to what has none. Still different to a Node that does not know them yet are new letters with an
 * upper case or a decomposition, new digits (not yet those of ASCII), signs outside of the blocks of signs and letters
 * in these, new characters of {@link UNSPACED} scripts outside of the planes of Han, and new marks behind such characters.
 */
export const OF_WORDS = `\\p{L}\\p{M}\\p{N}_[\\p{Cn}&&[${LETTER_BLOCKS}]]`;

/** The scripts that put no spaces between words, and Hangul, where what would be prepositions sticks to words: as above. */
export const UNSPACED = `\\p{scx=Han}${HAN_PLANES}\\p{scx=Hira}\\p{scx=Kana}\\p{scx=Hang}\\p{scx=Thai}\\p{scx=Lao}\\p{scx=Khmr}\\p{scx=Mymr}`;
