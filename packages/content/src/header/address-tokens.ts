/** A piece of a field that lists addresses. */
export interface AddressToken {
  readonly kind: "word" | "quoted" | "comment" | "angle" | "comma" | "semicolon" | "colon";
  /** As it is written. */
  readonly raw: string;
  /** Without quotation marks, brackets and backslashes. */
  readonly value: string;
}

const BLANKS = /\s+/y;
/** A comma in an encoded word parts nothing, although none should stand there (RFC 2047 section 5). */
const ENCODED_WORD = /=\?[^\s?]{1,80}\?[bq]\?[^?]*\?=/iy;
/** Everything up to the next sign that means something, a quotation mark within a word included. */
const PLAIN = /[^\s"(<>,;:=[]+/y;
const LITERAL = /\[[^\][\s]*\]/y;
const IN_BRACKETS = /[^<>]*/y;
const SEPARATORS = { ",": "comma", ";": "semicolon", ":": "colon" } as const;

/** Takes a field of addresses apart (RFC 5322 section 3.2). What is never closed is a character as others are. */
export function* addressTokens(text: string): Generator<AddressToken> {
  const reader = new TokenReader(text);
  for (let token = reader.next(); token !== null; token = reader.next()) yield token;
}

class TokenReader {
  readonly #text: string;
  #at = 0;
  /** False from the first one on that is never closed. Nothing is searched for twice, so that the time stays in proportion. */
  #quotesEnd = true;
  #commentsEnd = true;

  constructor(text: string) {
    this.#text = text;
  }

  next(): AddressToken | null {
    for (;;) {
      this.#take(BLANKS);
      const sign = this.#text[this.#at];
      if (sign === undefined) return null;
      const token = this.#token(sign);
      if (token.raw !== "" || token.kind !== "word") return token;
    }
  }

  #token(sign: string): AddressToken {
    if (sign === "," || sign === ";" || sign === ":") {
      this.#at++;
      return { kind: SEPARATORS[sign], raw: sign, value: sign };
    }
    if (sign === "<") return this.#angle();
    if (sign === "(") {
      const comment = this.#enclosed("(", ")");
      if (comment !== null) return { ...comment, kind: "comment" };
    }
    if (sign === '"') {
      const quoted = this.#enclosed('"', '"');
      if (quoted !== null && this.#text[this.#at] !== "@") return { ...quoted, kind: "quoted" };
      // A local part in quotation marks.
      if (quoted !== null) return this.#word(quoted.raw);
    }
    return this.#word("");
  }

  #word(beginning: string): AddressToken {
    let raw = beginning;
    for (;;) {
      const sign = this.#text[this.#at];
      if (sign === undefined || /[\s<,;:]/.test(sign)) break;
      if (sign === "(" && this.#commentsEnd) break;
      if (sign === '"' && this.#quotesEnd) break;
      const piece = this.#take(ENCODED_WORD) || this.#take(PLAIN) || this.#take(LITERAL);
      if (piece === "") this.#at++;
      // Marks that close nothing are left out.
      raw += piece !== "" ? piece : sign === ">" || sign === '"' ? "" : sign;
    }
    return { kind: "word", raw, value: raw };
  }

  #angle(): AddressToken {
    this.#at++;
    const start = this.#at;
    const content = this.#take(IN_BRACKETS);
    if (this.#text[this.#at] === ">") {
      this.#at++;
      return { kind: "angle", raw: content, value: content };
    }
    // It is never closed; it ends where the next address begins.
    const [value = ""] = content.split(/[,;]/, 1);
    this.#at = start + value.length;
    return { kind: "angle", raw: value, value };
  }

  /** What stands between two marks, comments perhaps within each other; null if it is never closed. */
  #enclosed(open: string, close: string): Omit<AddressToken, "kind"> | null {
    if (open === "(" ? !this.#commentsEnd : !this.#quotesEnd) return null;
    const text = this.#text;
    let value = "";
    let depth = 1;
    let at = this.#at + 1;
    for (; at < text.length && depth > 0; at++) {
      const sign = text[at] ?? "";
      if (sign === close) depth--;
      else if (sign === open) depth++;
      if (depth === 0) continue;
      if (sign === "\\" && at + 1 < text.length) value += text[++at] ?? "";
      else value += sign;
    }
    if (depth > 0) {
      if (open === "(") this.#commentsEnd = false;
      else this.#quotesEnd = false;
      return null;
    }
    const raw = text.slice(this.#at, at);
    this.#at = at;
    return { raw, value };
  }

  #take(pattern: RegExp): string {
    pattern.lastIndex = this.#at;
    const [found = ""] = pattern.exec(this.#text) ?? [];
    this.#at += found.length;
    return found;
  }
}
