import { FieldNames } from "./field-names.ts";
import { HeaderTexts } from "./header-texts.ts";
import { type TextMatcher, textMatcher } from "./pattern.ts";
import { printTerm } from "./print.ts";
import { type AnyTerm, isNegation, isOperation, type Query, type Term } from "./query.ts";

/** All that criteria see of a message. */
export interface HeaderAndOctets {
  /** The header block, as TOP or RETR gave it. */
  readonly block: Uint8Array;
  /** The listed octets, null where LIST gave none. */
  readonly octets: number | null;
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

  constructor(query: Query) {
    this.#query = query;
    const terms = [...termsOf(query)];
    this.#names = new FieldNames(new Set(terms.flatMap(namesOf)));
    this.#matchers = new Map(
      terms.flatMap((term) => (term.kind === "text" ? [[term, textMatcher(term.pattern)] as const] : [])),
    );
  }

  holds(message: HeaderAndOctets): boolean {
    const header = new HeaderTexts(message.block, this.#names);
    return evaluate(this.#query, (term) => this.#termHolds(term, header, message.octets)) === true;
  }

  /** True or false if the listed octets alone decide, null if the header is needed. */
  byOctets(octets: number): boolean | null {
    return evaluate(this.#query, (term) => (term.kind === "octets" ? isWithin(term, octets) : null));
  }

  /** Tells whether the query holds, and which terms decide: whatever the others gave, the result would be the same. */
  explain(message: HeaderAndOctets): { readonly holds: boolean; readonly findings: readonly TermFinding[] } {
    const header = new HeaderTexts(message.block, this.#names);
    const ask = (term: Term): boolean => this.#termHolds(term, header, message.octets);
    const findings = deciding(this.#query, ask).map((term) => this.#finding(term, header, message.octets));
    return { holds: evaluate(this.#query, ask) === true, findings };
  }

  #termHolds(term: Term, header: HeaderTexts, octets: number | null): boolean {
    if (term.kind === "octets") return octets !== null && isWithin(term, octets);
    if (term.kind === "date") return header.dates().some((date) => isWithin(term, date));
    if (term.kind === "present") return header.has(term.field);
    const matcher = this.#matchers.get(term);
    return header.texts(term.field).some((text) => matcher?.test(text));
  }

  #finding(term: Term, header: HeaderTexts, octets: number | null): TermFinding {
    const holds = this.#termHolds(term, header, octets);
    const finding = (found: string | undefined) => ({ term: printTerm(term), holds, found: found ?? null });
    if (term.kind === "octets") return finding(octets === null ? undefined : String(octets));
    if (term.kind === "date") {
      const dates = header.dates();
      const date = dates.find((one) => isWithin(term, one)) ?? dates[0];
      return finding(date === undefined ? header.texts("date")[0] : new Date(date).toISOString());
    }
    const texts = header.texts(term.field);
    const matcher = this.#matchers.get(term);
    return finding(texts.find((text) => matcher?.test(text)) ?? texts[0]);
  }
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
  return [term.kind === "date" ? "date" : term.field];
}

export function isWithin(
  { min, max }: { readonly min: number | null; readonly max: number | null },
  value: number,
): boolean {
  return (min === null || value >= min) && (max === null || value <= max);
}
