import { RE2JSException } from "re2js";
import { cutWords } from "../words/cut.ts";
import { askedField, FieldProblem } from "./asked-field.ts";
import { isLiteral, type Piece, programSize, type TextPattern } from "./pattern.ts";
import type { AnyTerm, Query } from "./query.ts";
import { ageRange, dateRange, octetsRange, RangeProblem } from "./range.ts";
import { Scanner } from "./scan.ts";

/** The longest query that is accepted, in UTF-16 code units. */
const MAX_LENGTH = 100_000;
/** The largest number of terms in a query. */
const MAX_TERMS = 2000;
/** The deepest nesting of parentheses and negations. */
const MAX_DEPTH = 100;
/** The largest number of RE2 instructions of all regular expressions and words with inner wildcards together. */
const MAX_PROGRAM = 2000;
/** The most words that are searched for in a row. */
const MAX_WORDS = 100;

/**
 * Parses a query. AND binds closer than OR, NOT closer than both, and terms without an operator are joined by AND.
 * @throws CriteriaSyntaxError if `query` cannot be read, or exceeds one of the limits above
 */
export function parseQuery(query: string): Query {
  // What is not allowed makes no term.
  return new Parser(query, false).parse() as Query;
}

/** Parses a query for stored mail, which may also have bare words, and what is known of a message beyond its header. */
export function parseStoredQuery(query: string): Query<AnyTerm> {
  return new Parser(query, true).parse();
}

class Parser {
  readonly #scanner: Scanner;
  readonly #isStored: boolean;
  #terms = 0;
  #depth = 0;
  #program = 0;
  /** Within `field:( … )` that field, null outside of such parentheses. */
  #field: string | null = null;

  /** @param isStored whether the mail is stored, and more can be asked than its headers say */
  constructor(query: string, isStored: boolean) {
    this.#scanner = new Scanner(query);
    this.#isStored = isStored;
  }

  parse(): Query<AnyTerm> {
    const scanner = this.#scanner;
    if (scanner.query.length > MAX_LENGTH)
      throw scanner.error(`the query is longer than ${MAX_LENGTH} characters`, MAX_LENGTH);
    if (scanner.isAtEnd()) throw scanner.error(`the query is empty; a term is ${EXAMPLES}`);
    const query = this.#or();
    if (!scanner.isAtEnd()) throw scanner.error("there is no opening parenthesis for this one");
    return query;
  }

  #or(): Query<AnyTerm> {
    const operands = [this.#and()];
    while (this.#scanner.takeKeyword("OR")) operands.push(this.#and());
    return joined("or", operands);
  }

  #and(): Query<AnyTerm> {
    const operands = [this.#unary()];
    for (;;) {
      const next = this.#scanner.peek();
      if (next === "" || next === ")" || this.#scanner.peekKeyword() === "OR") return joined("and", operands);
      this.#scanner.takeKeyword("AND");
      operands.push(this.#unary());
    }
  }

  #unary(): Query<AnyTerm> {
    const scanner = this.#scanner;
    if (++this.#depth > MAX_DEPTH)
      throw scanner.error(`parentheses and NOT are nested more than ${MAX_DEPTH} deep`);
    try {
      if (scanner.takeKeyword("NOT")) return { kind: "not", operand: this.#unary() };
      if (scanner.peek() === "(") return this.#group();
      return this.#field === null ? this.#fieldTerm() : this.#term(this.#field, true);
    } finally {
      this.#depth--;
    }
  }

  #group(): Query<AnyTerm> {
    const scanner = this.#scanner;
    const start = scanner.at;
    scanner.take("(");
    const query = this.#or();
    if (!scanner.take(")")) throw scanner.error("the parenthesis that opens here is not closed", start);
    return query;
  }

  #fieldTerm(): Query<AnyTerm> {
    const scanner = this.#scanner;
    this.#mustHaveTerm();
    const start = scanner.at;
    const name = scanner.takeField();
    if (name === null) {
      if (this.#isStored) return this.#term("=anywhere", false);
      throw scanner.error(
        `a term begins with its field, ${EXAMPLES}; several words are quoted: subject:"your invoice". Words without a field are for mail that is stored: mailonce search`,
        start,
      );
    }
    const field = askedField(name, this.#isStored);
    if (field instanceof FieldProblem) throw scanner.error(field.message, start);
    const next = scanner.query[scanner.at] ?? "";
    if (next === "" || next === ")" || /\s/.test(next))
      throw scanner.error(`nothing follows ${name}: – the value stands right after the colon`);
    if (next !== "(") return this.#term(field, false);
    this.#field = field;
    const query = this.#group();
    this.#field = null;
    return query;
  }

  #term(field: string, isInGroup: boolean): AnyTerm {
    const scanner = this.#scanner;
    if (isInGroup) this.#mustHaveTerm();
    if (++this.#terms > MAX_TERMS) throw scanner.error(`the query has more than ${MAX_TERMS} terms`);
    const start = scanner.at;
    if (field === "=age") {
      const range = ageRange(scanner.takePlain());
      if (range instanceof RangeProblem) throw scanner.error(range.message, start);
      return { kind: "age", ...range };
    }
    if (field === "=octets" || field === "=date" || field === "=stored") {
      const text = scanner.takePlain();
      const range = field === "=octets" ? octetsRange(text) : dateRange(text);
      if (range instanceof RangeProblem) throw scanner.error(range.message, start);
      return { kind: field === "=octets" ? "octets" : field === "=date" ? "date" : "stored", ...range };
    }
    if (field.startsWith("=")) return this.#storedTerm(field, start);
    const pattern = scanner.takePattern();
    const [piece] = pattern.kind === "words" ? pattern.pieces : [];
    if (
      pattern.kind === "words" &&
      pattern.pieces.length === 1 &&
      typeof piece === "object" &&
      piece.wildcard === "*"
    )
      return { kind: "present", field };
    this.#mustCompile(pattern, start);
    return { kind: "text", field, pattern };
  }

  /** A term on what is known of stored mail alone. */
  #storedTerm(field: string, start: number): AnyTerm {
    const scanner = this.#scanner;
    if (field === "=has") {
      if (/^attachments?$/i.test(scanner.takePlain())) return { kind: "attachment" };
      throw scanner.error("what a message has is asked for as has:attachment", start);
    }
    const pattern = scanner.takePattern();
    if (field === "=filename" || field === "=in") {
      this.#mustCompile(pattern, start);
      return { kind: field === "=in" ? "maildrop" : "fileName", pattern };
    }
    if (pattern.kind === "regex") this.#mustCompile(pattern, start);
    else this.#mustHaveWords(pattern.pieces, start);
    return { kind: "words", place: field === "=text" ? "text" : "anywhere", pattern };
  }

  #mustHaveWords(pieces: readonly Piece[], start: number): void {
    const texts = pieces.filter((piece) => typeof piece === "string");
    let words = 0;
    for (const text of texts) for (const _word of cutWords(text)) words++;
    if (words === 0) throw this.#scanner.error("there is no word in it to search for", start);
    if (words > MAX_WORDS)
      throw this.#scanner.error(`a phrase has at most ${MAX_WORDS} words (or Chinese characters)`, start);
  }

  /** Throws unless a term may begin here. */
  #mustHaveTerm(): void {
    const scanner = this.#scanner;
    const next = scanner.peek();
    if (next === "") throw scanner.error("a term is missing at the end");
    if (next === ")") throw scanner.error("a term is missing before this parenthesis");
    const keyword = scanner.peekKeyword();
    if (keyword !== null)
      throw scanner.error(
        `a term is missing before ${keyword}; as a word to search for it is quoted: "${keyword.toLowerCase()}"`,
      );
  }

  #mustCompile(pattern: TextPattern, start: number): void {
    if (isLiteral(pattern)) return;
    let size: number;
    try {
      size = programSize(pattern);
    } catch (error) {
      if (!(error instanceof RE2JSException)) throw error;
      const said = error.message.replace(/^error parsing regexp: /, "").replace("`(?i)", "`");
      throw this.#scanner.error(
        `the regular expression cannot be used: ${said} (RE2 syntax: no look-around, no back-references)`,
        start,
      );
    }
    this.#program += size;
    if (this.#program > MAX_PROGRAM)
      throw this.#scanner.error(
        "the regular expressions and wildcards of the query are too large; repeat less, or less often",
        start,
      );
  }
}

const EXAMPLES =
  "for example subject:invoice, from:*@example.org, octets:<5M, date:>=2026-01-15 or list-id:*";

function joined(kind: "and" | "or", operands: readonly Query<AnyTerm>[]): Query<AnyTerm> {
  const [first] = operands;
  return operands.length === 1 && first !== undefined ? first : { kind, operands };
}
