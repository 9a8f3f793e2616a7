import { type Piece, programOf, type TextPattern } from "../criteria/pattern.ts";
import { foldAddress } from "../words/addresses.ts";
import { cutWords } from "../words/cut.ts";
import { OF_WORDS } from "../words/letters.ts";
import { matchesWhole } from "./glob.ts";
import type { SearchedText } from "./searched-text.ts";

/** Where something was found in a text, in UTF-16 code units. */
export interface Hit {
  readonly start: number;
  readonly end: number;
}

/** One word of a pattern: as it is compared, or with wildcards; `isCharacter` as in `Word`. */
export interface WordOfPattern {
  readonly pieces: readonly Piece[];
  readonly isCharacter: boolean;
}

/** What a bare word or phrase of a query searches for. */
export type WordPattern =
  | { readonly kind: "words"; readonly words: readonly WordOfPattern[] }
  /** `pieces` are folded, and `written` are not. */
  | { readonly kind: "address"; readonly pieces: readonly Piece[]; readonly written: readonly Piece[] }
  | { readonly kind: "regex"; readonly pattern: TextPattern };

const ADDRESS = new RegExp(`^[${OF_WORDS}.+*?\\-]*@[${OF_WORDS}.*?\\-]*$`, "v");

/**
 * What a pattern means as bare words: its words in this order, whatever stands between them, without regard to case, accents
 * and forms of letters. With an @ it is an address that begins and ends where addresses do; `@example.org` is any there.
 */
export function wordPattern(pattern: TextPattern): WordPattern {
  if (pattern.kind === "regex") return { kind: "regex", pattern };
  const { pieces } = pattern;
  if (!ADDRESS.test(pieces.map((piece) => (typeof piece === "string" ? piece : piece.wildcard)).join("")))
    return { kind: "words", words: wordsOf(pieces) };
  const star: Piece = { wildcard: "*" };
  const folded = pieces.map((piece) => (typeof piece === "string" ? foldAddress(piece) : piece));
  const [first = ""] = folded;
  const last = folded.at(-1) ?? "";
  return {
    kind: "address",
    written: pieces,
    pieces: [
      ...(typeof first === "string" && first.startsWith("@") ? [star] : []),
      ...folded,
      ...(typeof last === "string" && last.endsWith("@") ? [star] : []),
    ],
  };
}

function wordsOf(pieces: readonly Piece[]): readonly WordOfPattern[] {
  const words: WordOfPattern[] = [];
  let open: Piece[] = [];
  const close = (): void => {
    const isStar = open.every((piece) => typeof piece === "object" && piece.wildcard === "*");
    // A star by itself at either end says that anything may be there, which needs no saying.
    if (open.length > 0 && !(isStar && words.length === 0)) words.push({ pieces: open, isCharacter: false });
    open = [];
  };
  for (const piece of pieces) {
    if (typeof piece !== "string") {
      open.push(piece);
      continue;
    }
    let end = 0;
    for (const word of cutWords(piece)) {
      if (word.start > 0 || word.isCharacter) close();
      if (word.isCharacter) words.push({ pieces: [word.text], isCharacter: true });
      else open.push(word.text);
      end = word.end;
    }
    if (end < piece.length) close();
  }
  close();
  while (words.at(-1)?.pieces.every((piece) => typeof piece === "object" && piece.wildcard === "*"))
    words.pop();
  return words;
}

/** The first places in a text where the pattern is found, at most so many. */
export function* hitsOf(pattern: WordPattern, text: SearchedText): Generator<Hit> {
  if (pattern.kind === "regex") yield* regexHits(pattern.pattern, text);
  else if (pattern.kind === "address") {
    for (const address of text.addresses()) if (matchesWhole(pattern.pieces, address.text)) yield address;
  } else yield* wordHits(pattern.words, text);
}

function* wordHits(pattern: readonly WordOfPattern[], text: SearchedText): Generator<Hit> {
  for (const { pieces } of pattern)
    for (const piece of pieces) if (typeof piece === "string" && !text.mayContain(piece)) return;
  const words = text.words();
  for (let at = 0; at + pattern.length <= words.length; at++) {
    const isHit = pattern.every(({ pieces }, next) => isWord(pieces, words[at + next]?.text ?? ""));
    const end = words[at + pattern.length - 1]?.end;
    if (isHit && end !== undefined) yield { start: words[at]?.start ?? 0, end };
  }
}

function isWord(pieces: readonly Piece[], word: string): boolean {
  const [only] = pieces;
  return pieces.length === 1 && typeof only === "string" ? only === word : matchesWhole(pieces, word);
}

/** In the text as it is: where it is found in the searchable text, another place would be meant. */
function* regexHits(pattern: TextPattern, text: SearchedText): Generator<Hit> {
  const program = programOf(pattern);
  if (!program.test(text.searchable())) return;
  const matcher = program.matcher(text.text);
  let isFound = false;
  while (matcher.find()) {
    isFound = true;
    yield { start: matcher.start(), end: matcher.end() };
  }
  // It spans a line end, or letters that are composed: that it is there is known, and no more.
  if (!isFound) yield { start: 0, end: 0 };
}
