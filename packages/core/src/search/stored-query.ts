import { ageSince, evaluate, isWithin, termsOf } from "../criteria/evaluate.ts";
import { FieldNames } from "../criteria/field-names.ts";
import { HeaderTexts } from "../criteria/header-texts.ts";
import { parseStoredQuery } from "../criteria/parse.ts";
import { searchable, type TextMatcher, textMatcher } from "../criteria/pattern.ts";
import { type AnyTerm, isNegation, isOperation, type MaildropTerm, type Query } from "../criteria/query.ts";
import type { Range } from "../criteria/range.ts";
import { SEARCHED_FIELDS } from "./message-tokens.ts";
import { type Clause, clausesOf } from "./need.ts";
import { NAME_WEIGHT, type Occurrences, SUBJECT_WEIGHT } from "./ranking.ts";
import { SearchedText } from "./searched-text.ts";
import { type Snippet, snippetOf } from "./snippet.ts";
import { hitsOf, type WordPattern, wordPattern } from "./word-pattern.ts";

/** All that a query for stored mail may look at of a message. */
export interface SearchedMessage {
  /** The octets that are stored. */
  readonly octets: number;
  /** The date that is stored with it. */
  readonly date: Date | null;
  readonly storedAt: Date;
  readonly maildrop: string;
  /** The header block; empty if {@link StoredQuery.needsHeader} is false. */
  readonly block: Uint8Array;
  /** What was read of it; null if {@link StoredQuery.needsContent} is false. */
  readonly content: SearchedContent | null;
}

/** What is derived from a message's octets. */
export interface SearchedContent {
  readonly text: string;
  readonly fileNames: readonly string[];
  readonly hasAttachment: boolean;
}

const ANY: Range = { min: null, max: null };

/** A query for stored mail (docs/criteria.md, "In stored mail"). */
export class StoredQuery {
  /** As it was written. */
  readonly query: string;
  /** What tokens each message has that is found: one of each clause, or {@link CUT_TOKEN}. Empty: any message may be found. */
  readonly clauses: readonly Clause[];
  /** Only messages in these ranges are found: octets, and milliseconds since 1970 of their dates and of their being stored. */
  readonly octets: Range;
  readonly date: Range;
  readonly stored: Range;
  /** True: header blocks are needed to decide. */
  readonly needsHeader: boolean;
  /** True: what was read of messages is needed to decide. Without it a message is not found. */
  readonly needsContent: boolean;
  /** The time by which ages are told. */
  readonly #now: Date;
  readonly #query: Query<AnyTerm>;
  readonly #names: FieldNames;
  readonly #matchers = new Map<AnyTerm, TextMatcher>();
  readonly #words = new Map<AnyTerm, WordPattern>();
  /** What is shown as found, where it stands in the text. */
  readonly #shown: readonly WordPattern[];
  readonly #maildrops: readonly MaildropTerm[];

  /** @throws CriteriaSyntaxError if `query` cannot be read */
  constructor(query: string, now: Date) {
    this.query = query;
    this.#now = now;
    this.#query = parseStoredQuery(query);
    const terms = [...termsOf(this.#query)];
    for (const term of terms) {
      if (term.kind === "words") this.#words.set(term, wordPattern(term.pattern));
      else if ("pattern" in term) this.#matchers.set(term, textMatcher(term.pattern));
    }
    this.#names = new FieldNames(new Set(terms.flatMap(fieldsOf)));
    this.needsHeader = terms.some((term) => fieldsOf(term).length > 0);
    this.needsContent = terms.some(
      ({ kind }) => kind === "words" || kind === "fileName" || kind === "attachment",
    );
    const musts = mustHold(this.#query);
    this.octets = rangeOf(musts, "octets");
    this.date = rangeOf(musts, "date");
    this.clauses = clausesOf(this.#query, this.date);
    this.stored = rangeOf(musts, "stored");
    this.#maildrops = musts.filter((term) => term.kind === "maildrop");
    this.#shown = shownTerms(this.#query).flatMap((term) => this.#words.get(term) ?? []);
  }

  /** False: no message of a maildrop of this name is found. */
  mayBeIn(maildrop: string): boolean {
    return this.#maildrops.every((term) => this.#matches(term, maildrop));
  }

  /** Whether the message is found. The answer depends on nothing but the query, its time and the message. */
  accepts(message: SearchedMessage): boolean {
    const view = new MessageView(message, this.#names);
    return evaluate(this.#query, (term) => this.#holds(term, view)) === true;
  }

  /** How often a message that is found has what is searched for. Where it may stand anywhere, a subject counts more than a text. */
  occurrences(message: SearchedMessage): Occurrences {
    const view = new MessageView(message, this.#names);
    return {
      counts: shownTerms(this.#query).map((term) => this.#count(term, view)),
      length: message.content?.text.length ?? 0,
    };
  }

  #count(term: AnyTerm, view: MessageView): number {
    if (term.kind !== "words") return this.#holds(term, view) ? 1 : 0;
    const pattern = this.#words.get(term);
    const inTexts = (texts: readonly SearchedText[]): number =>
      texts.reduce((sum, text) => sum + (pattern === undefined ? 0 : countOf(pattern, text)), 0);
    const inText = inTexts([view.text]);
    if (term.place === "text") return inText;
    const fields = (isWanted: (name: string) => boolean): readonly SearchedText[] =>
      SEARCHED_FIELDS.filter(isWanted).flatMap((name) =>
        view.header.texts(name).map((one) => new SearchedText(one)),
      );
    const inSubject = inTexts(fields((name) => name === "subject"));
    const inNames = inTexts([...fields((name) => name !== "subject"), ...view.fileNames]);
    return inSubject * SUBJECT_WEIGHT + inNames * NAME_WEIGHT + inText;
  }

  /** What to show of a message that is found; null if there is nothing to read in it. */
  snippet(text: string): Snippet | null {
    return snippetOf(new SearchedText(text), this.#shown);
  }

  #holds(term: AnyTerm, { message, header, text, fileNames }: MessageView): boolean {
    switch (term.kind) {
      case "octets":
        return isWithin(term, message.octets);
      case "date":
        return message.date !== null && isWithin(term, message.date.getTime());
      case "age": {
        const time = { now: this.#now, firstSeen: message.storedAt };
        return isWithin(term, ageSince(message.date?.getTime() ?? null, time));
      }
      case "stored":
        return isWithin(term, message.storedAt.getTime());
      case "maildrop":
        return this.#matches(term, message.maildrop);
      case "attachment":
        return message.content?.hasAttachment === true;
      case "present":
        return header.has(term.field);
      case "text":
        return header.texts(term.field).some((one) => this.#matchers.get(term)?.test(one));
      case "fileName":
        return fileNames.some((one) => this.#matchers.get(term)?.test(one.searchable()));
      case "words": {
        const isFound = (one: SearchedText): boolean => this.#isFound(term, one);
        if (term.place === "text") return isFound(text);
        const fields = SEARCHED_FIELDS.flatMap((name) => header.texts(name));
        return (
          fields.some((one) => isFound(new SearchedText(one))) || fileNames.some(isFound) || isFound(text)
        );
      }
    }
  }

  #isFound(term: AnyTerm, text: SearchedText): boolean {
    const pattern = this.#words.get(term);
    return pattern !== undefined && hitsOf(pattern, text).next().done === false;
  }

  #matches(term: AnyTerm, text: string): boolean {
    return this.#matchers.get(term)?.test(searchable(text)) === true;
  }
}

/**
 * Reads a query for stored mail, for example `invoice from:*@example.org has:attachment`.
 * Ages are those at the time `now`, the system's if absent.
 * @throws CriteriaSyntaxError if `query` cannot be read
 */
export function compileSearch(query: string, now: Date = new Date()): StoredQuery {
  return new StoredQuery(query, now);
}

/** A message, of which each part is made ready to be searched when it is first asked for. */
class MessageView {
  readonly message: SearchedMessage;
  readonly #names: FieldNames;
  #header: HeaderTexts | null = null;
  #text: SearchedText | null = null;
  #fileNames: readonly SearchedText[] | null = null;

  constructor(message: SearchedMessage, names: FieldNames) {
    this.message = message;
    this.#names = names;
  }

  get header(): HeaderTexts {
    this.#header ??= new HeaderTexts(this.message.block, this.#names);
    return this.#header;
  }

  get text(): SearchedText {
    this.#text ??= new SearchedText(this.message.content?.text ?? "");
    return this.#text;
  }

  get fileNames(): readonly SearchedText[] {
    this.#fileNames ??= (this.message.content?.fileNames ?? []).map((name) => new SearchedText(name));
    return this.#fileNames;
  }
}

/** More of the same make no difference. */
const MOST_HITS = 100;

function countOf(pattern: WordPattern, text: SearchedText): number {
  let count = 0;
  for (const _ of hitsOf(pattern, text)) if (++count === MOST_HITS) break;
  return count;
}

/** The header fields that a term reads. */
function fieldsOf(term: AnyTerm): readonly string[] {
  if (term.kind === "text" || term.kind === "present") return [term.field];
  return term.kind === "words" && term.place === "anywhere" ? SEARCHED_FIELDS : [];
}

/** Terms that hold of every message that is found. */
function mustHold(query: Query<AnyTerm>): readonly AnyTerm[] {
  if (isNegation(query)) return [];
  if (!isOperation(query)) return [query];
  return query.kind === "and" ? query.operands.flatMap(mustHold) : [];
}

/** Terms that speak for a message, not against it. */
function shownTerms(query: Query<AnyTerm>): readonly AnyTerm[] {
  if (isNegation(query)) return [];
  return isOperation(query) ? query.operands.flatMap(shownTerms) : [query];
}

/** What all these ranges have in common. */
function rangeOf(terms: readonly AnyTerm[], kind: "octets" | "date" | "stored"): Range {
  return terms.reduce<Range>((range, term) => {
    if (term.kind !== kind) return range;
    return {
      min: range.min === null || term.min === null ? (range.min ?? term.min) : Math.max(range.min, term.min),
      max: range.max === null || term.max === null ? (range.max ?? term.max) : Math.min(range.max, term.max),
    };
  }, ANY);
}
