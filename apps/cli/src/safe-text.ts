/**
 * What a terminal might obey instead of showing: control characters (C0, DEL, C1, which hold every escape sequence's
 * beginning), line separators, marks that turn the writing direction, invisible format characters, lone surrogates.
 */
const UNSAFE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;
const UNSAFE_BUT_LINES = /(?![\n\t])[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

/** Text from outside for one line of a terminal: runs of white space become one space, unsafe characters U+FFFD. */
export function safeLine(text: string): string {
  return text
    .replace(/\s+/gu, " ")
    .replace(/\u200d/gu, "")
    .replace(UNSAFE, "\ufffd")
    .trim();
}

/** Text from outside for a terminal, its lines kept; unsafe characters become U+FFFD. */
export function safeBlock(text: string): string {
  return text.replace(/\r\n?/g, "\n").replace(UNSAFE_BUT_LINES, "\ufffd");
}

/** Made at the first text that needs it: making it takes longer than all the rest of a short command. */
let graphemes: Intl.Segmenter | undefined;

function graphemesOf(text: string): Intl.Segments {
  graphemes ??= new Intl.Segmenter("en", { granularity: "grapheme" });
  return graphemes.segment(text);
}

const WIDE =
  /^(?:\p{Emoji_Presentation}|[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}])/u;
const NO_WIDTH = /^\p{M}/u;

/** How many columns safe text takes on a terminal. */
export function columnsOf(text: string): number {
  if (/^[\x20-\x7e]*$/.test(text)) return text.length;
  let columns = 0;
  for (const { segment } of graphemesOf(text)) columns += columnsOfGrapheme(segment);
  return columns;
}

function columnsOfGrapheme(grapheme: string): number {
  if (NO_WIDTH.test(grapheme)) return 0;
  return WIDE.test(grapheme) ? 2 : 1;
}

/** Safe text in exactly `columns` columns: filled up with spaces, or cut and marked with an ellipsis. */
export function fit(text: string, columns: number): string {
  const width = columnsOf(text);
  if (width <= columns) return text + " ".repeat(columns - width);
  return cut(text, columns);
}

/** Safe text in at most `columns` columns. */
export function cut(text: string, columns: number): string {
  if (columnsOf(text) <= columns) return text;
  let kept = "";
  let width = 0;
  for (const { segment } of graphemesOf(text)) {
    const next = width + columnsOfGrapheme(segment);
    if (next > columns - 1) break;
    kept += segment;
    width = next;
  }
  return columns < 1 ? "" : `${kept}…${" ".repeat(columns - 1 - width)}`;
}
