/** A text without its comments, and the comments. */
export interface Commented {
  readonly rest: string;
  /** What stands in each outermost pair of parentheses. */
  readonly comments: readonly string[];
}

/** Takes the comments out of a structured field's text: nested ones, quoted pairs in them (RFC 5322 section 3.2.2), unclosed ones. */
export function commentsOf(text: string): Commented {
  if (!/[()]/.test(text)) return { rest: text, comments: [] };
  const rest: string[] = [];
  const comments: string[] = [];
  let depth = 0;
  let from = 0;
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (character === "\\" && depth > 0) at++;
    else if (character === "(" && depth++ === 0) {
      rest.push(text.slice(from, at));
      from = at + 1;
    } else if (character === ")" && depth > 0 && --depth === 0) {
      comments.push(text.slice(from, at));
      from = at + 1;
    }
  }
  (depth > 0 ? comments : rest).push(text.slice(from));
  return { rest: rest.join(" "), comments };
}
