import { CHARACTER, foldCharacter } from "./fold.ts";
import { UNSPACED } from "./letters.ts";

/** A word of a text, or one character of a script that puts no spaces between words. */
export interface Word {
  /** As it is compared: folded, and cut to {@link MAX_WORD} units. Never empty. */
  readonly text: string;
  /** Where it begins and ends in the text, in UTF-16 code units. */
  readonly start: number;
  readonly end: number;
  /** True: it is one character of a script without spaces; its neighbours may be parts of the same word. */
  readonly isCharacter: boolean;
  /** Where something invisible (a soft hyphen, a joiner) stands within the word: what it would be cut into there. */
  readonly parts?: readonly string[];
}

/** The longest word, in UTF-16 code units: of a longer one only the beginning counts. */
export const MAX_WORD = 200;

const STARTS_UNSPACED = new RegExp(`^[${UNSPACED}]`, "u");

const PIECE = new RegExp(`([0-9A-Za-z_]+)|[\\0-\\x7f]|${CHARACTER}`, "gu");

/**
 * Cuts a text into words: letters, marks, digits and `_` in a row. Characters of scripts without spaces are words of their own
 * ({@link Word.isCharacter}): nobody has to know where words end there, and it does not change with a dictionary.
 */
export function* cutWords(text: string): Generator<Word> {
  const word = new OpenWord();
  for (const piece of text.matchAll(PIECE)) {
    const [source, ascii] = piece;
    const start = piece.index;
    const end = start + source.length;
    if (ascii !== undefined) word.add(ascii.toLowerCase(), start, end);
    else if (source <= "\x7f") {
      if (word.isOpen) yield word.take();
    } else {
      const { text: folded, isOfWord, isJoint } = foldCharacter(source);
      if (isJoint) word.join();
      if (folded === "" && word.isOpen) word.add("", start, end);
      if (!isOfWord && word.isOpen) yield word.take();
      yield* foldedPieces(word, folded, start, end);
      if (!isOfWord && word.isOpen) yield word.take();
    }
  }
  if (word.isOpen) yield word.take();
}

/** What a folded character does: nearly always it goes on with the open word, or is a word of its own. */
function* foldedPieces(word: OpenWord, folded: string, start: number, end: number): Generator<Word> {
  for (const [at, piece] of (folded.includes(" ") ? folded.split(" ") : [folded]).entries()) {
    if (at > 0 && word.isOpen) yield word.take();
    if (piece === "") continue;
    if (!STARTS_UNSPACED.test(piece)) {
      word.add(piece, start, end);
      continue;
    }
    if (word.isOpen) yield word.take();
    // A sign that stands for several characters, such as ㍿, is each of them.
    for (const text of piece.match(/.\p{M}*/gsu) ?? []) yield { text, start, end, isCharacter: true };
  }
}

/** The word that the text is in the midst of. */
class OpenWord {
  #text = "";
  #start = 0;
  #end = 0;
  #joints: number[] = [];

  get isOpen(): boolean {
    return this.#text !== "";
  }

  add(folded: string, start: number, end: number): void {
    if (this.#text === "") this.#start = start;
    if (this.#text.length < MAX_WORD) this.#text = (this.#text + folded).slice(0, MAX_WORD);
    this.#end = end;
  }

  /** Something invisible stands here. */
  join(): void {
    if (this.#text !== "" && this.#text.length < MAX_WORD) this.#joints.push(this.#text.length);
  }

  take(): Word {
    const word = { text: this.#text, start: this.#start, end: this.#end, isCharacter: false };
    const joints = this.#joints;
    this.#text = "";
    if (joints.length === 0) return word;
    this.#joints = [];
    const parts = [0, ...joints].map((from, at) => word.text.slice(from, joints[at]));
    return { ...word, parts: parts.filter((part) => part !== "") };
  }
}
