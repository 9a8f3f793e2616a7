/** A text divided into its comments and the rest. */
export interface Commented {
  readonly rest: string;
  /** The text in each outermost pair of parentheses. */
  readonly comments: readonly string[];
}

/** Takes the comments (RFC 5322 section 3.2.2) out of a structured field's text, also nested and unclosed ones. */
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
