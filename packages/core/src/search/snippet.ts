import type { SearchedText } from "./searched-text.ts";
import { type Hit, hitsOf, type WordPattern } from "./word-pattern.ts";

/** A piece of a message's text around what was found in it. */
export interface Snippet {
  /** In one line. */
  readonly text: string;
  /** Where in it the words stand that were searched for, in UTF-16 code units, in order; they do not overlap. */
  readonly hits: readonly Hit[];
  /** Whether the message's text goes on before it, and behind. */
  readonly isCutBefore: boolean;
  readonly isCutAfter: boolean;
}

/** Units of the message's text in a snippet, about, and how many of them stand before the first hit. */
const LENGTH = 160;
const BEFORE = 50;
const MAX_HITS = 20;

/** The snippet around the first hit of any of these; the beginning of the text if it has none. Null for an empty text. */
export function snippetOf(text: SearchedText, patterns: readonly WordPattern[]): Snippet | null {
  const all = patterns.map((pattern) => firstHits(pattern, text));
  const first = Math.min(...all.flatMap((hits) => hits[0]?.start ?? []), text.text.length);
  const whole = text.text;
  const from = first === whole.length ? 0 : boundary(whole, Math.max(0, first - BEFORE), first);
  const until = boundaryBefore(whole, Math.min(whole.length, from + LENGTH), from);
  const { line, places } = oneLine(whole.slice(from, until));
  if (line === "") return null;
  const hits = all
    .flat()
    .filter((hit) => hit.end > hit.start && hit.start >= from && hit.start < until)
    .map((hit) => ({
      start: places[hit.start - from] ?? 0,
      end: places[Math.min(hit.end, until) - from] ?? line.length,
    }));
  return {
    text: line,
    hits: withoutOverlap(hits),
    isCutBefore: whole.slice(0, from).trim() !== "",
    isCutAfter: whole.slice(until).trim() !== "",
  };
}

function firstHits(pattern: WordPattern, text: SearchedText): readonly Hit[] {
  const hits: Hit[] = [];
  for (const hit of hitsOf(pattern, text)) {
    // Far from the first one it is not shown.
    if (hits.length === MAX_HITS || hit.start > (hits[0]?.start ?? hit.start) + LENGTH) break;
    hits.push(hit);
  }
  return hits;
}

/** The first beginning of a word from a place on, but not behind another place. */
function boundary(text: string, from: number, until: number): number {
  if (from === 0) return 0;
  const space = text.slice(from, until).search(/\s/);
  return space < 0 ? characterStart(text, from) : from + space + 1;
}

function boundaryBefore(text: string, end: number, from: number): number {
  if (end === text.length) return end;
  const last = text.slice(from, end).search(/\s\S*$/);
  return last > LENGTH / 2 ? from + last : characterStart(text, end);
}

/** Not within a pair of surrogates, nor before a mark. */
function characterStart(text: string, at: number): number {
  let start = at;
  while (start > 0 && at - start < 30 && /^[\udc00-\udfff\p{M}\u200d]/u.test(text.slice(start, start + 2)))
    start--;
  return start;
}

/** The text with one space for each run of white space, and for each place in it where that is in the line. */
function oneLine(text: string): { readonly line: string; readonly places: readonly number[] } {
  let line = "";
  const places: number[] = [];
  for (const unit of text.split("")) {
    const isSpace = /\s/.test(unit);
    places.push(isSpace && (line === "" || line.endsWith(" ")) ? Math.max(0, line.length - 1) : line.length);
    if (!isSpace) line += unit;
    else if (line !== "" && !line.endsWith(" ")) line += " ";
  }
  const trimmed = line.trimEnd();
  return { line: trimmed, places: [...places, line.length].map((place) => Math.min(place, trimmed.length)) };
}

function withoutOverlap(hits: readonly Hit[]): readonly Hit[] {
  const sorted = [...hits].sort((one, other) => one.start - other.start || other.end - one.end);
  const parted: Hit[] = [];
  for (const hit of sorted) if (hit.start >= (parted.at(-1)?.end ?? 0)) parted.push(hit);
  return parted;
}
