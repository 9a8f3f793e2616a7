import type { Piece } from "../criteria/pattern.ts";

/**
 * Whether the pieces are the whole word. It takes as many steps as the pieces' characters times the word's at most; words are
 * short.
 */
export function matchesWhole(pieces: readonly Piece[], word: string): boolean {
  const pattern = pieces.flatMap((piece): readonly (string | Wildcard)[] =>
    typeof piece === "string" ? [...piece] : [piece],
  );
  const text = [...word];
  let at = 0;
  let place = 0;
  /** Where the last star stands, and how far the text was when it had taken the least. */
  let star = -1;
  let taken = 0;
  while (place < text.length) {
    const next = pattern[at];
    if (typeof next === "object" && next.wildcard === "*") {
      star = at++;
      taken = place;
    } else if (next !== undefined && (typeof next === "object" || next === text[place])) {
      at++;
      place++;
    } else if (star >= 0) {
      at = star + 1;
      place = ++taken;
    } else return false;
  }
  return pattern.slice(at).every((rest) => typeof rest === "object" && rest.wildcard === "*");
}

type Wildcard = Exclude<Piece, string>;
