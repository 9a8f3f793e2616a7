import { type Piece, searchable, type TextPattern } from "./pattern.ts";
import { CriteriaSyntaxError } from "./syntax-error.ts";

const SPACE = /\s*/y;
const KEYWORD = /(and|or|not)(?=[\s()"']|$)/iy;
const MINUS = /-(?=[^\s])/y;
const FIELD = /([^\s:()"'\\/*?<>=]+):/y;
const PLAIN = /[^\s()"]+/y;
const REGEX = /\/((?:[^/\\]|\\.)*)\/([a-z]*)/sy;

/** The longest literal text in a pattern, in UTF-16 code units. */
const MAX_LITERAL = 1000;

const QUOTE_IT = 'a value with parentheses or quotation marks in it is quoted, as in subject:"a (b)"';

/** Cuts a query into its tokens, from left to right. */
export class Scanner {
  readonly query: string;
  at = 0;

  constructor(query: string) {
    this.query = query;
  }

  /** Makes the error for the present position, or for another one. */
  error(message: string, at: number = this.at): CriteriaSyntaxError {
    return new CriteriaSyntaxError(message, this.query, at);
  }

  /** Skips white space. True if the query ends after it. */
  isAtEnd(): boolean {
    this.#take(SPACE);
    return this.at === this.query.length;
  }

  /** Skips white space and gives the next character without taking it; an empty string at the end. */
  peek(): string {
    return this.isAtEnd() ? "" : (this.query[this.at] ?? "");
  }

  /** Takes the character if it comes next, perhaps after white space; false if it does not. */
  take(character: string): boolean {
    if (this.peek() !== character) return false;
    this.at++;
    return true;
  }

  /** Takes the operator if it comes next; false if it does not. `NOT` may also be written as a minus. */
  takeKeyword(keyword: "AND" | "OR" | "NOT"): boolean {
    const start = this.at;
    this.isAtEnd();
    if (this.#take(KEYWORD)?.[1]?.toUpperCase() === keyword) return true;
    if (keyword === "NOT" && this.#take(MINUS) !== null) return true;
    this.at = start;
    return false;
  }

  /** The operator that comes next, in upper case, without taking it; null if none comes next. */
  peekKeyword(): string | null {
    const start = this.at;
    this.isAtEnd();
    const keyword = this.#take(KEYWORD)?.[1]?.toUpperCase() ?? null;
    this.at = start;
    return keyword;
  }

  /** Takes a field's name and its colon, and gives the name as written; null if none comes next. */
  takeField(): string | null {
    this.isAtEnd();
    return this.#take(FIELD)?.[1] ?? null;
  }

  /** Takes the value of `octets:` or `date:`: all up to the next white space, or what stands in quotation marks. */
  takePlain(): string {
    const first = this.query[this.at];
    if (first === '"' || first === "'") return this.#phrase(first);
    const text = this.#take(PLAIN)?.[0] ?? "";
    this.#mustEnd(QUOTE_IT);
    return text;
  }

  /** Takes a text to search for: a phrase in quotation marks, a regular expression, or a word with wildcards. */
  takePattern(): TextPattern {
    const first = this.query[this.at];
    if (first === '"' || first === "'") return { kind: "words", pieces: [this.#phrase(first)] };
    if (first === "/") return { kind: "regex", source: this.#regex() };
    return { kind: "words", pieces: this.#word() };
  }

  #phrase(mark: string): string {
    const start = this.at++;
    let text = "";
    for (;;) {
      const character = this.query[this.at++];
      if (character === undefined)
        throw this.error(`the phrase that begins here has no closing ${mark}`, start);
      if (character === mark) break;
      text += character === "\\" ? (this.query[this.at++] ?? "") : character;
    }
    this.#mustEnd("after a phrase comes white space or a closing parenthesis");
    return this.#literal(text, start);
  }

  #regex(): string {
    const start = this.at;
    const [, source, flags] = this.#take(REGEX) ?? [];
    if (source === undefined || flags === undefined)
      throw this.error(
        'the regular expression that begins here has no closing /; a text that begins with / is quoted: "/text"',
        start,
      );
    if (source === "") throw this.error("the regular expression is empty", start);
    if (flags !== "" && flags !== "i")
      throw this.error(
        "after a regular expression only i may stand, and case never counts; (?-i) in it makes it count",
        start,
      );
    this.#mustEnd(
      "a regular expression ends at its first /, save for \\/; after it comes white space or a closing parenthesis",
    );
    return source
      .replace(/\\(\/)|\\./gs, (whole, slash: string | undefined) => slash ?? whole)
      .normalize("NFC");
  }

  #word(): readonly Piece[] {
    const start = this.at;
    const pieces: Piece[] = [];
    let text = "";
    const endText = (): void => {
      if (text !== "") pieces.push(this.#literal(text, start));
      text = "";
    };
    for (; this.at < this.query.length; this.at++) {
      const character = this.query[this.at] ?? "";
      if (/[\s()"]/.test(character)) break;
      if (character === "\\") {
        this.at++;
        const escaped = this.query[this.at];
        if (escaped === undefined)
          throw this.error("after \\ comes the character that is meant as it stands", this.at - 1);
        text += escaped;
      } else if (character === "*" || character === "?") {
        endText();
        const before = pieces.at(-1);
        const again = character === "*" && typeof before === "object" && before.wildcard === "*";
        if (!again) pieces.push({ wildcard: character });
      } else text += character;
    }
    endText();
    this.#mustEnd(QUOTE_IT);
    return pieces;
  }

  /** Prepares a literal text as the texts of fields are prepared. Throws if it is empty or too long. */
  #literal(text: string, start: number): string {
    const literal = searchable(text);
    if (literal.length > MAX_LITERAL)
      throw this.error(`a text to search for has at most ${MAX_LITERAL} characters`, start);
    if (literal === "")
      throw this.error("there is nothing to search for; whether a field is there is asked as in cc:*", start);
    return literal;
  }

  /** Throws unless a value may end here: at white space, at a closing parenthesis or at the query's end. */
  #mustEnd(message: string): void {
    const next = this.query[this.at];
    if (next !== undefined && next !== ")" && !/\s/.test(next)) throw this.error(message);
  }

  #take(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.at;
    const match = pattern.exec(this.query);
    if (match !== null) this.at = pattern.lastIndex;
    return match;
  }
}
