import { FieldNames } from "./field-names.ts";
import { HeaderTexts } from "./header-texts.ts";
import { type TextMatcher, textMatcher } from "./pattern.ts";
import { printTerm } from "./print.ts";
import { type AgeTerm, type AnyTerm, isNegation, isOperation, type Query, type Term } from "./query.ts";

/** All that criteria see of a message. */
export interface HeaderAndOctets {
  /** The header block, as TOP or RETR gave it. */
  readonly block: Uint8Array;
  /** The listed octets, null where LIST gave none. */
  readonly octets: number | null;
}

/** When a query is asked for a message: by this an age is told. */
export interface Time {
  readonly now: Date;
  /** When the message was first seen. */
  readonly firstSeen: Date;
}

/** The result of one term of a query for one message. */
export interface TermFinding {
  /** The term in the query language. */
  readonly term: string;
  readonly holds: boolean;
  /** The text of a field, the date or the number of octets that decided; null if the message has no such field. */
  readonly found: string | null;
}

/** Evaluates one query for messages. */
export class Evaluator {
  readonly #query: Query;
  readonly #names: FieldNames;
  readonly #matchers: ReadonlyMap<Term, TextMatcher>;
  readonly #ages: readonly AgeTerm[];

  constructor(query: Query) {
    this.#query = query;
    const terms = [...termsOf(query)];
    this.#ages = terms.filter((term) => term.kind === "age");
    this.#names = new FieldNames(new Set(terms.flatMap(namesOf)));
    this.#matchers = new Map(
      terms.flatMap((term) => (term.kind === "text" ? [[term, textMatcher(term.pattern)] as const] : [])),
    );
  }

  /** True if the answer depends on the time. */
  get looksAtAge(): boolean {
    return this.#ages.length > 0;
  }

  holds(message: HeaderAndOctets, time: Time): boolean {
    const header = new HeaderTexts(message.block, this.#names);
    return evaluate(this.#query, (term) => this.#termHolds(term, header, message.octets, time)) === true;
  }

  /**
   * True if the query holds now, false if it never will from now on, else the first moment at which it does. Between the ages
   * that stand in the query nothing changes, so only these are looked at.
   */
  decide(message: HeaderAndOctets, time: Time): boolean | Date {
    const header = new HeaderTexts(message.block, this.#names);
    const age = ageOf(header, time);
    const known = new Map<Term, boolean>();
    const holdsAfter = (wait: number): boolean =>
      evaluate(this.#query, (term) => {
        if (term.kind === "age") return isWithin(term, age + wait);
        const holds = known.get(term) ?? this.#termHolds(term, header, message.octets, time);
        known.set(term, holds);
        return holds;
      }) === true;
    if (holdsAfter(0)) return true;
    const turns = this.#ages.map(({ min, max }) => (min ?? (max ?? 0) + 1) - age).filter((wait) => wait > 0);
    const first = turns.sort((a, b) => a - b).find(holdsAfter);
    return first === undefined ? false : new Date(time.now.getTime() + first);
  }

  /** True or false if the listed octets alone decide, null if the header is needed. */
  byOctets(octets: number): boolean | null {
    return evaluate(this.#query, (term) => (term.kind === "octets" ? isWithin(term, octets) : null));
  }

  /** Tells whether the query holds, and which terms decide: whatever the others gave, the result would be the same. */
  explain(
    message: HeaderAndOctets,
    time: Time,
  ): { readonly holds: boolean; readonly findings: readonly TermFinding[] } {
    const header = new HeaderTexts(message.block, this.#names);
    const ask = (term: Term): boolean => this.#termHolds(term, header, message.octets, time);
    const findings = deciding(this.#query, ask).map((term) =>
      this.#finding(term, header, message.octets, time),
    );
    return { holds: evaluate(this.#query, ask) === true, findings };
  }

  #termHolds(term: Term, header: HeaderTexts, octets: number | null, time: Time): boolean {
    if (term.kind === "octets") return octets !== null && isWithin(term, octets);
    if (term.kind === "date") return header.dates().some((date) => isWithin(term, date));
    if (term.kind === "age") return isWithin(term, ageOf(header, time));
    if (term.kind === "present") return header.has(term.field);
    const matcher = this.#matchers.get(term);
    return header.texts(term.field).some((text) => matcher?.test(text));
  }

  #finding(term: Term, header: HeaderTexts, octets: number | null, time: Time): TermFinding {
    const holds = this.#termHolds(term, header, octets, time);
    const finding = (found: string | undefined) => ({ term: printTerm(term), holds, found: found ?? null });
    if (term.kind === "octets") return finding(octets === null ? undefined : String(octets));
    if (term.kind === "date" || term.kind === "age") {
      const dates = header.dates();
      const date = dates.find((one) => term.kind === "date" && isWithin(term, one)) ?? dates[0];
      return finding(date === undefined ? header.texts("date")[0] : new Date(date).toISOString());
    }
    const texts = header.texts(term.field);
    const matcher = this.#matchers.get(term);
    return finding(texts.find((text) => matcher?.test(text)) ?? texts[0]);
  }
}

/**
 * The age in milliseconds: since the date that is shown of the message, but not since a moment before which it was seen already,
 * so that a date that is still to come does not keep it young. Without a date, since it was first seen.
 */
function ageOf(header: HeaderTexts, time: Time): number {
  const [date = null] = header.dates();
  return ageSince(date, time);
}

/** The same for a date in milliseconds since 1970, null if there is none. */
export function ageSince(date: number | null, { now, firstSeen }: Time): number {
  const seen = Math.min(firstSeen.getTime(), now.getTime());
  return now.getTime() - Math.min(date ?? seen, seen);
}

/** Evaluates in three-valued logic. Null is "not known"; the result is null unless the known operands decide. */
export function evaluate<T extends AnyTerm>(
  query: Query<T>,
  ask: (term: T) => boolean | null,
): boolean | null {
  if (isNegation(query)) {
    const value = evaluate(query.operand, ask);
    return value === null ? null : !value;
  }
  if (!isOperation(query)) return ask(query);
  const decides = query.kind === "or";
  let unknown = false;
  for (const operand of query.operands) {
    const value = evaluate(operand, ask);
    if (value === decides) return decides;
    if (value === null) unknown = true;
  }
  return unknown ? null : !decides;
}

/** The terms that decide: of an AND the first operand that is false, of an OR the first that is true, else all. */
function deciding(query: Query, ask: (term: Term) => boolean): readonly Term[] {
  if (query.kind === "not") return deciding(query.operand, ask);
  if (!isOperation(query)) return [query];
  const decides = query.kind === "or";
  const one = query.operands.find((operand) => evaluate(operand, ask) === decides);
  return one === undefined ? query.operands.flatMap((operand) => deciding(operand, ask)) : deciding(one, ask);
}

export function* termsOf<T extends AnyTerm>(query: Query<T>): Generator<T> {
  if (isNegation(query)) yield* termsOf(query.operand);
  else if (isOperation(query)) for (const operand of query.operands) yield* termsOf(operand);
  else yield query;
}

/** The name of the header field that the term reads, in an array; empty if it reads none. */
function namesOf(term: Term): readonly string[] {
  if (term.kind === "octets") return [];
  return [term.kind === "date" || term.kind === "age" ? "date" : term.field];
}

export function isWithin(
  { min, max }: { readonly min: number | null; readonly max: number | null },
  value: number,
): boolean {
  return (min === null || value >= min) && (max === null || value <= max);
}
