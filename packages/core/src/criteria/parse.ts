import { RE2JSException } from "re2js";
import { isLiteral, programSize, type TextPattern } from "./pattern.ts";
import { PLAIN_FIELDS } from "./print.ts";
import type { Query, Term } from "./query.ts";
import { dateRange, octetsRange, RangeProblem } from "./range.ts";
import { Scanner } from "./scan.ts";

/** The longest query that is accepted, in UTF-16 code units. */
const MAX_LENGTH = 100_000;
/** The largest number of terms in a query. */
const MAX_TERMS = 2000;
/** The deepest nesting of parentheses and negations. */
const MAX_DEPTH = 100;
/** The largest number of RE2 instructions of all regular expressions and words with inner wildcards together. */
const MAX_PROGRAM = 2000;

/**
 * Parses a query. AND binds closer than OR, NOT closer than both, and terms without an operator are joined by AND.
 * @throws CriteriaSyntaxError if `query` cannot be read, or exceeds one of the limits above
 */
export function parseQuery(query: string): Query {
  return new Parser(query).parse();
}

class Parser {
  readonly #scanner: Scanner;
  #terms = 0;
  #depth = 0;
  #program = 0;
  /** Within `field:( … )` that field, null outside of such parentheses. */
  #field: string | null = null;

  constructor(query: string) {
    this.#scanner = new Scanner(query);
  }

  parse(): Query {
    const scanner = this.#scanner;
    if (scanner.query.length > MAX_LENGTH)
      throw scanner.error(`the query is longer than ${MAX_LENGTH} characters`, MAX_LENGTH);
    if (scanner.isAtEnd()) throw scanner.error(`the query is empty; a term is ${EXAMPLES}`);
    const query = this.#or();
    if (!scanner.isAtEnd()) throw scanner.error("there is no opening parenthesis for this one");
    return query;
  }

  #or(): Query {
    const operands = [this.#and()];
    while (this.#scanner.takeKeyword("OR")) operands.push(this.#and());
    return joined("or", operands);
  }

  #and(): Query {
    const operands = [this.#unary()];
    for (;;) {
      const next = this.#scanner.peek();
      if (next === "" || next === ")" || this.#scanner.peekKeyword() === "OR") return joined("and", operands);
      this.#scanner.takeKeyword("AND");
      operands.push(this.#unary());
    }
  }

  #unary(): Query {
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

  #group(): Query {
    const scanner = this.#scanner;
    const start = scanner.at;
    scanner.take("(");
    const query = this.#or();
    if (!scanner.take(")")) throw scanner.error("the parenthesis that opens here is not closed", start);
    return query;
  }

  #fieldTerm(): Query {
    const scanner = this.#scanner;
    this.#mustHaveTerm();
    const start = scanner.at;
    const name = scanner.takeField();
    if (name === null)
      throw scanner.error(
        `a term begins with its field, ${EXAMPLES}; several words are quoted: subject:"your invoice"`,
        start,
      );
    const field = this.#fieldOf(name, start);
    const next = scanner.query[scanner.at] ?? "";
    if (next === "" || next === ")" || /\s/.test(next))
      throw scanner.error(`nothing follows ${name}: – the value stands right after the colon`);
    if (next !== "(") return this.#term(field, false);
    this.#field = field;
    const query = this.#group();
    this.#field = null;
    return query;
  }

  /** The header field that a name in a query means, in lower case; `=octets` and `=date` for those two (no field has a `=` in its name). */
  #fieldOf(written: string, start: number): string {
    const name = written.toLowerCase();
    if (name === "octets" || name === "date") return `=${name}`;
    if (PLAIN_FIELDS.includes(name)) return name;
    const header = name.startsWith("header.") ? name.slice("header.".length) : name;
    const isName = /^[a-z0-9_.-]{1,100}$/.test(header);
    if (isName && (header !== name || name.includes("-"))) return header;
    const hint = !isName
      ? "any other header field is asked for as in header.sender: or list-id:"
      : HINTS[name];
    throw this.#scanner.error(
      `"${name}" is none of the fields subject, from, to, cc, date and octets; ${hint ?? `a header field of that name is asked for as header.${name}:`}`,
      start,
    );
  }

  #term(field: string, isInGroup: boolean): Term {
    const scanner = this.#scanner;
    if (isInGroup) this.#mustHaveTerm();
    if (++this.#terms > MAX_TERMS) throw scanner.error(`the query has more than ${MAX_TERMS} terms`);
    const start = scanner.at;
    if (field === "=octets" || field === "=date") {
      const text = scanner.takePlain();
      const range = field === "=octets" ? octetsRange(text) : dateRange(text);
      if (range instanceof RangeProblem) throw scanner.error(range.message, start);
      return { kind: field === "=octets" ? "octets" : "date", ...range };
    }
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

/** What to tell people who write these words before a colon, which are no fields. */
const HINTS: Readonly<Record<string, string | undefined>> = {
  body: "only headers are looked at, before a message is downloaded",
  size: "the size of a message is asked for as in octets:<5M",
  text: "only headers are looked at, before a message is downloaded",
};

function joined(kind: "and" | "or", operands: readonly Query[]): Query {
  const [first] = operands;
  return operands.length === 1 && first !== undefined ? first : { kind, operands };
}
