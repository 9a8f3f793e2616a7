import { decodeCharset } from "./charset.ts";

/**
 * The beginning of an encoded word (RFC 2047 section 2): charset, a language perhaps (RFC 2231 section 5), encoding. Blanks
 * and an empty charset are no part of the standard, but of mail.
 */
const BEGINNING = /=\?[ \t]{0,3}([^\s?=]{0,80})[ \t]{0,3}\?[ \t]{0,3}([bq])[ \t]{0,3}\?/iy;
const BEGINNING_MARK = "=?";
const END_MARK = "?=";

/** A run of encoded words of one charset, whose octets belong together: senders cut words within characters. */
interface Run {
  readonly label: string;
  readonly octets: Uint8Array[];
}

/** Makes text of a part of a field that is no encoded word. */
export type RestReader = (rest: string) => string;

/**
 * Decodes the encoded words in an unfolded text (RFC 2047): also in quotation marks, without blanks between them, without
 * an end, and where a character is split over two of them. What is no encoded word stays as it is. Takes time in proportion
 * to the text.
 */
export function decodeWords(text: string): string {
  return text.includes(BEGINNING_MARK) ? new WordDecoder(text, same).decode() : text;
}

/** {@link decodeWords} for the octets of a field as ISO 8859-1, where what is no encoded word has to be read, too. */
export function decodeWordsOfOctets(octets: string, read: RestReader): string {
  return octets.includes(BEGINNING_MARK) ? new WordDecoder(octets, read).decode() : read(octets);
}

const same: RestReader = (rest) => rest;

class WordDecoder {
  readonly #text: string;
  readonly #read: RestReader;
  readonly #parts: string[] = [];
  #run: Run | null = null;
  /** Where the next marks stand, as far as was looked; each is looked for once. */
  #nextEnd = -1;

  constructor(text: string, read: RestReader) {
    this.#text = text;
    this.#read = read;
  }

  decode(): string {
    const text = this.#text;
    let done = 0;
    for (let at = text.indexOf(BEGINNING_MARK); at >= 0; at = text.indexOf(BEGINNING_MARK, at)) {
      BEGINNING.lastIndex = at;
      const [, label = "", encoding = ""] = BEGINNING.exec(text) ?? [];
      if (encoding === "") {
        at += BEGINNING_MARK.length;
        continue;
      }
      const start = BEGINNING.lastIndex;
      const end = this.#endOf(start);
      this.#rest(text.slice(done, at));
      this.#word(label, octetsOf(text.slice(start, end.text), encoding));
      at = done = end.word;
    }
    this.#rest(text.slice(done));
    this.#endRun();
    return this.#parts.join("");
  }

  #endOf(start: number): { readonly text: number; readonly word: number } {
    const text = this.#text;
    if (this.#nextEnd < start) {
      const found = text.indexOf(END_MARK, start);
      this.#nextEnd = found < 0 ? text.length : found;
    }
    return { text: this.#nextEnd, word: Math.min(text.length, this.#nextEnd + END_MARK.length) };
  }

  /** Blanks between encoded words are not shown (RFC 2047 section 6.2). */
  #rest(rest: string): void {
    if (rest === "" || (this.#run !== null && rest.trim() === "" && rest.length < this.#text.length)) return;
    this.#endRun();
    this.#parts.push(this.#read(rest));
  }

  #word(label: string, octets: Uint8Array): void {
    if (this.#run !== null && this.#run.label.toLowerCase() !== label.toLowerCase()) this.#endRun();
    this.#run ??= { label, octets: [] };
    this.#run.octets.push(octets);
  }

  #endRun(): void {
    if (this.#run === null) return;
    this.#parts.push(decodeCharset(Buffer.concat(this.#run.octets), this.#run.label).text);
    this.#run = null;
  }
}

function octetsOf(text: string, encoding: string): Uint8Array {
  if (encoding.toLowerCase() === "b")
    return Buffer.concat(text.split("=").map((part) => Buffer.from(part, "base64")));
  return Buffer.from(
    text
      .replaceAll("_", " ")
      .replace(/=([0-9a-f]{2})/gi, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 16))),
    "latin1",
  );
}
