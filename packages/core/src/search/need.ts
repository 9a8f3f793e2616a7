import type { TextPattern } from "../criteria/pattern.ts";
import { type AnyTerm, isNegation, isOperation, type Query } from "../criteria/query.ts";
import type { Range } from "../criteria/range.ts";
import { foldAddress } from "../words/addresses.ts";
import { cutWords, type Word } from "../words/cut.ts";
import { OF_WORDS, UNSPACED } from "../words/letters.ts";
import { dateToken, type Place, tokenOf, tokenStart } from "../words/token.ts";
import { type WordOfPattern, type WordPattern, wordPattern } from "./word-pattern.ts";

/** A token that a message may have, or what one of its tokens begins with. */
export interface TokenWanted {
  readonly token: string;
  readonly isStart: boolean;
}

/** One of these tokens. */
export type Clause = readonly TokenWanted[];

/** More clauses do not make fewer candidates worth the while; the longest tokens are the rarest. */
const MAX_CLAUSES = 10;
const MAX_ALTERNATIVES = 50;

/**
 * What tokens every message has that the query finds: one of each clause. Messages with these tokens are candidates, not more:
 * words may have one token together, and where words stand beside each other tokens do not tell. Empty: any message may be found.
 *
 * @param date the range that the dates of all of them are in
 */
export function clausesOf(query: Query<AnyTerm>, date: Range): readonly Clause[] {
  const clauses = [...needed(query), ...monthsOf(date)];
  return [...clauses].sort((one, other) => rarity(other) - rarity(one)).slice(0, MAX_CLAUSES);
}

function needed(query: Query<AnyTerm>): readonly Clause[] {
  if (isNegation(query)) return [];
  if (!isOperation(query)) return termTokens(query).map((token) => [token]);
  if (query.kind === "and") return query.operands.flatMap(needed);
  // Of each way to fulfil it the rarest token; a way without tokens leaves nothing that is needed.
  const ways = query.operands.map((operand) => rarest(needed(operand)));
  const all = ways.flatMap((way) => way ?? []);
  return ways.includes(null) || all.length > MAX_ALTERNATIVES ? [] : [all];
}

/** The months of a range as one clause; none if the range has no end, or too many of them. */
function monthsOf({ min, max }: Range): readonly Clause[] {
  if (min === null || max === null) return [];
  const months: TokenWanted[] = [];
  for (let at = new Date(min); at.getTime() <= max; at = nextMonth(at)) {
    const token = dateToken(at);
    if (token === null || months.length === MAX_ALTERNATIVES) return [];
    months.push({ token, isStart: false });
  }
  return months.length === 0 ? [] : [months];
}

function nextMonth(date: Date): Date {
  return new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1));
}

function rarest(clauses: readonly Clause[]): Clause | null {
  return clauses.reduce<Clause | null>(
    (best, clause) => (best === null || rarity(clause) > rarity(best) ? clause : best),
    null,
  );
}

/** A guess: long tokens are rarer than short ones, and all with a common start less rare than one. */
function rarity(clause: Clause): number {
  return Math.min(...clause.map(({ token, isStart }) => (isStart ? token.length / 2 : token.length)));
}

const FIELD_PLACES: Readonly<Record<string, Place | undefined>> = {
  subject: "subject",
  from: "from",
  to: "recipients",
  cc: "recipients",
};

function termTokens(term: AnyTerm): readonly TokenWanted[] {
  if (term.kind === "text") {
    const place = FIELD_PLACES[term.field];
    return place === undefined ? [] : [...patternTokens(place, term.pattern), ...addressStart(term.pattern)];
  }
  if (term.kind === "fileName") return patternTokens("fileName", term.pattern);
  return term.kind === "words" ? wordTokens(wordPattern(term.pattern)) : [];
}

function wordTokens(pattern: WordPattern): readonly TokenWanted[] {
  if (pattern.kind === "regex") return [];
  if (pattern.kind === "words")
    return pattern.words.flatMap((word, at) => tokenOfWord("anywhere", word, pattern.words[at + 1]));
  const { pieces, written } = pattern;
  const [first = ""] = pieces;
  const whole = typeof first !== "string" ? [] : [wanted("address", first, pieces.length > 1)];
  return [...whole, ...patternTokens("anywhere", { kind: "words", pieces: written })];
}

const PLAIN_ADDRESS = /^[a-z0-9][a-z0-9_.+-]{0,59}@[a-z0-9_.-]+$/i;

/** What the token of an address begins with where a field is to have this one: there it may also end before `--`. */
function addressStart(pattern: TextPattern): readonly TokenWanted[] {
  if (pattern.kind === "regex") return [];
  const [address, ...others] = pattern.pieces;
  const isPlain = typeof address === "string" && others.length === 0 && PLAIN_ADDRESS.test(address);
  return isPlain ? [wanted("address", foldAddress(address), true)] : [];
}

function tokenOfWord(
  place: Place,
  word: WordOfPattern,
  next: WordOfPattern | undefined,
): readonly TokenWanted[] {
  const [first] = word.pieces;
  if (typeof first !== "string") return [];
  if (!word.isCharacter) return [wanted(place, first, word.pieces.length > 1)];
  const [follower] = next?.isCharacter === true ? next.pieces : [];
  return [typeof follower === "string" ? wanted(place, first + follower, false) : wanted(place, first, true)];
}

/** The tokens of a pattern of the language of criteria, whose texts differ from folded words in accents and case at most. */
function patternTokens(place: Place, pattern: TextPattern): readonly TokenWanted[] {
  if (pattern.kind === "regex") return [];
  return pattern.pieces.flatMap((piece, at, { length }) =>
    typeof piece === "string" ? literalTokens(place, piece, at > 0, at < length - 1) : [],
  );
}

/** What is no word's beginning where anything stands before it. */
const CONTINUES = /^[\p{M}\p{Cf}\p{Default_Ignorable_Code_Point}\uff9e\uff9f]/u;
/** Behind these no word goes on, and no mark: all letters save those of scripts without spaces. */
const ENDS = new RegExp(`[${OF_WORDS}](?<![${UNSPACED}])$`, "v");

/** @param opensStart whether a word may go on before the literal, @param opensEnd and behind it */
function literalTokens(
  place: Place,
  literal: string,
  opensStart: boolean,
  opensEnd: boolean,
): readonly TokenWanted[] {
  // Half a character may be what a half-width Kana is at the end: its sign stands apart.
  const words = [...cutWords(literal.replace(/[\uff66-\uff9d]$/, ""))];
  const goesOn = opensEnd || !ENDS.test(literal);
  return words.flatMap((word, at): readonly TokenWanted[] => {
    // In the text it may be a part of something else.
    if (word.parts !== undefined) return [];
    if (at === 0 && ((word.start === 0 && opensStart) || CONTINUES.test(literal))) return [];
    const isLast = (one: Word): boolean => one.end === literal.length;
    if (!word.isCharacter) return [wanted(place, word.text, isLast(word) && goesOn)];
    const next = words[at + 1];
    if (next?.isCharacter !== true) return [wanted(place, word.text, true)];
    return [wanted(place, word.text + next.text, isLast(next) && goesOn)];
  });
}

function wanted(place: Place, word: string, isStart: boolean): TokenWanted {
  return { token: isStart ? tokenStart(place, word) : tokenOf(place, word), isStart };
}
