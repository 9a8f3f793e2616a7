const LINE_END = /\r\n|\n\r|[\r\v\f\u2028\u2029]/g;

/** The text with LF alone between its lines. A page's end is a line's end. */
export function withLineEnds(text: string): string {
  return text.replace(LINE_END, "\n");
}
