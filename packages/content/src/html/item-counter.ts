import { readTokens, type TokenHandler } from "./tokens.ts";

/** A list that counts down begins with the number of its items, which is known only at its end. */
const REVERSED = /\breversed\b/i;

/** How many items each ordered list has, in the order in which the lists begin; none if no list counts down. */
export function itemCounts(html: string): readonly number[] {
  if (!REVERSED.test(html)) return [];
  const counts: number[] = [];
  /** The open lists: the index in `counts` of an ordered one, and null for any other. */
  const open: (number | null)[] = [];
  const handler: TokenHandler = {
    open(name) {
      const list = open.at(-1) ?? null;
      if (name === "li" && list !== null) counts[list] = (counts[list] ?? 0) + 1;
      if (name === "ol") open.push(counts.push(0) - 1);
      else if (name === "ul") open.push(null);
    },
    close(name) {
      if (name === "ol" || name === "ul") open.pop();
    },
    text() {
      // Of no use here.
    },
  };
  readTokens(html, handler);
  return counts;
}
