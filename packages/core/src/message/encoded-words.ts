import { isAscii } from "node:buffer";
import { decodeCharset } from "./charset.ts";
import { decodeBase64, decodeQuoted } from "./word-octets.ts";

/**
 * The beginning of an encoded word (RFC 2047 section 2): charset, perhaps a language (RFC 2231 section 5), encoding.
 * Blanks and an empty charset are not allowed there, but some mail has them.
 */
const BEGINNING = /=\?[ \t]{0,3}([^\s?=]{0,80})[ \t]{0,3}\?[ \t]{0,3}([bq])[ \t]{0,3}\?/iy;
const BEGINNING_MARK = "=?";
const END_MARK = "?=";

interface EncodedWord {
  /** The name of its charset in lower case. */
  readonly label: string;
  /** Its decoded octets, null if they are not validly encoded. */
  readonly octets: Uint8Array | null;
  /** Its text in base64, empty if it is in the other encoding. */
  readonly base64: string;
  /** Where it ends in the text. */
  readonly end: number;
}

/** Makes text of the octets between encoded words. */
type RestReader = (rest: string) => string;

/** The real charset, as far as the header tells, of encoded words with this label; null if the label is right. */
type Hint = (label: string) => string | null;

const NO_HINT: Hint = () => null;

/**
 * Decodes the encoded words in an unfolded text (RFC 2047), also faulty ones: in quotation marks, without blanks between
 * them, without an end, with blanks inside, encoded twice, or with a character that is split over two of them. The rest
 * of the text stays as it is. A word with a wrong label is read in the charset that `hint` gives for the label, if that
 * fits. Never throws, and takes time in proportion to the text.
 */
export function decodeWords(text: string, hint: Hint = NO_HINT): string {
  if (!text.includes(BEGINNING_MARK)) return text;
  const once = new WordDecoder(text, (rest) => rest, hint).decode();
  // Some gateways encode encoded words once more.
  return once.includes(BEGINNING_MARK) && once !== text
    ? new WordDecoder(once, (rest) => rest, hint).decode()
    : once;
}

/** Does the same for the octets of a field as ISO 8859-1; `read` makes text of the octets between the words. */
export function decodeWordsOfOctets(octets: string, read: RestReader, hint: Hint = NO_HINT): string {
  if (!octets.includes(BEGINNING_MARK)) return read(octets);
  const once = new WordDecoder(octets, read, hint).decode();
  return once.includes(BEGINNING_MARK) && once !== octets ? decodeWords(once, hint) : once;
}

const WORDS = /=\?([^\s?=*]{1,80})(?:\*[^\s?]{0,20})?\?([bq])\?([^?]*)\?=/gi;

/** The wrong labels of encoded words in a header, each with the octets of all its words. */
export function misnamedWords(header: string): ReadonlyMap<string, Uint8Array> {
  const labels = new Map<string, Uint8Array[]>();
  for (const [, label = "", encoding = "", content = ""] of header.matchAll(WORDS)) {
    const octets = /b/i.test(encoding) ? decodeBase64(content) : decodeQuoted(content);
    if (octets === null || isAscii(octets)) continue;
    const name = label.toLowerCase();
    const others = labels.get(name);
    if (others === undefined) labels.set(name, [octets]);
    else others.push(octets);
  }
  return new Map(
    [...labels]
      .filter(([label, octets]) => isMisnamed(octets, label))
      .map(([label, octets]) => [label, Buffer.concat(octets)]),
  );
}

/** How many words are looked at one by one. */
const MAX_ALONE = 50;

function isMisnamed(octets: readonly Uint8Array[], label: string): boolean {
  // Words may be cut within characters, so the octets of all words with the label are decoded together.
  const { certain, charset } = decodeCharset(Buffer.concat(octets), label);
  return (
    !certain ||
    (charset === "windows-1252" &&
      octets.slice(0, MAX_ALONE).some((one) => !decodeCharset(one, label).certain))
  );
}

class WordDecoder {
  readonly #text: string;
  readonly #read: RestReader;
  readonly #hint: Hint;
  readonly #parts: string[] = [];
  /** Neighbouring words of one charset, whose octets belong together. */
  #run: EncodedWord[] = [];
  /** Where the next end mark stands, -1 before the first search. It is kept, so that each part is searched once. */
  #nextEnd = -1;

  constructor(text: string, read: RestReader, hint: Hint) {
    this.#text = text;
    this.#read = read;
    this.#hint = hint;
  }

  decode(): string {
    const text = this.#text;
    let done = 0;
    for (let at = text.indexOf(BEGINNING_MARK); at >= 0; at = text.indexOf(BEGINNING_MARK, at)) {
      const word = this.#wordAt(at);
      if (word === null || word.octets === null) {
        at = word?.end ?? at + BEGINNING_MARK.length;
        continue;
      }
      const before = text.slice(done, at);
      // Blanks between encoded words are not shown (RFC 2047 section 6.2).
      if (this.#run.length === 0 || before.trim() !== "") this.#rest(before);
      this.#take(word);
      at = done = word.end;
    }
    this.#rest(text.slice(done));
    return this.#parts.join("");
  }

  #wordAt(at: number): EncodedWord | null {
    const text = this.#text;
    BEGINNING.lastIndex = at;
    const [, label = "", encoding = ""] = BEGINNING.exec(text) ?? [];
    if (encoding === "") return null;
    const isBase64 = encoding === "b" || encoding === "B";
    const start = BEGINNING.lastIndex;
    const { inner, end } = this.#endOf(start, isBase64);
    const content = text.slice(start, inner);
    const octets = isBase64 ? decodeBase64(content) : decodeQuoted(content);
    return { label: labelOf(label), octets, base64: isBase64 ? content : "", end };
  }

  /** Where the encoded text that begins at `start` ends (`inner`), and where its word ends (`end`). */
  #endOf(start: number, isBase64: boolean): { readonly inner: number; readonly end: number } {
    const text = this.#text;
    let end = this.#findEnd(start);
    // `?=` with two hexadecimal digits after it is a question mark and an encoded octet, if a real end follows.
    while (!isBase64 && end < text.length && HEXADECIMAL.test(text.slice(end + 2, end + 4))) {
      const next = this.#findEnd(end + END_MARK.length);
      if (next === text.length || BREAK.test(text.slice(end, next))) break;
      end = next;
    }
    const other = this.#beginningBetween(start, end);
    if (other >= 0) return { inner: start + text.slice(start, other).trimEnd().length, end: other };
    if (end < text.length) return { inner: end, end: end + END_MARK.length };
    // The word has no end, so it goes on as far as the octets allow.
    const rest = text.slice(start);
    const stop = (isBase64 ? NO_BASE64 : NO_QUOTED).exec(rest)?.index ?? rest.length;
    const inner = start + (rest[stop - 1] === "?" ? stop - 1 : stop);
    return { inner, end: start + (rest[stop] === "?" ? stop + 1 : stop) };
  }

  #findEnd(from: number): number {
    if (this.#nextEnd < from) {
      const found = this.#text.indexOf(END_MARK, from);
      this.#nextEnd = found < 0 ? this.#text.length : found;
    }
    return this.#nextEnd;
  }

  /** Where another word begins between `start` and `end`, so that this word has no end of its own; -1 if none does. */
  #beginningBetween(start: number, end: number): number {
    const text = this.#text;
    for (let at = text.indexOf(BEGINNING_MARK, start); at >= 0 && at + 1 < end; ) {
      BEGINNING.lastIndex = at;
      if (BEGINNING.test(text)) return at;
      at = text.indexOf(BEGINNING_MARK, at + BEGINNING_MARK.length);
    }
    return -1;
  }

  #rest(rest: string): void {
    this.#endRun();
    if (rest !== "") this.#parts.push(this.#read(rest));
  }

  #take(word: EncodedWord): void {
    if (this.#run[0] !== undefined && this.#run[0].label !== word.label) this.#endRun();
    this.#run.push(word);
  }

  #endRun(): void {
    const run = this.#run;
    this.#run = [];
    if (run.length > 0) this.#parts.push(textOf(run, this.#hint));
  }
}

/** The label in lower case, without the language. */
function labelOf(label: string): string {
  const star = label.indexOf("*");
  return (star < 0 ? label : label.slice(0, star)).toLowerCase();
}

const HEXADECIMAL = /^[0-9a-f]{2}$/i;
const BREAK = /\s|=\?/;
const NO_BASE64 = /[^A-Za-z0-9+/=]/;
const NO_QUOTED = /["<]/;

/**
 * The text of neighbouring words of one charset. Senders cut words within characters, so their octets are put together.
 * If that makes no sense, a character was lost at a cut, or the words are pieces of one text in base64.
 */
function textOf(run: readonly EncodedWord[], hint: Hint): string {
  const label = run[0]?.label ?? null;
  const octets = run.map((word) => word.octets ?? new Uint8Array(0));
  const all = octets.length === 1 ? (octets[0] ?? new Uint8Array(0)) : Buffer.concat(octets);
  const together = decodeCharset(all, label);
  // Programs write the label of Latin 1 for any charset that they do not know, and in it each accent is plausible.
  if (isSound(together) && (together.charset !== "windows-1252" || isAscii(all))) return together.text;
  const real = label === null ? null : hint(label);
  const otherwise = real === null ? together : decodeCharset(all, real);
  if (isSound(otherwise)) return otherwise.text;
  if (run.length === 1) return together.text;
  const apart = octets.map((one) => decodeCharset(one, label));
  if (apart.every(isSound)) return apart.map(({ text }) => text).join("");
  const base64 = run.every((word) => word.base64 !== "")
    ? decodeBase64(run.map((word) => word.base64).join(""))
    : null;
  const joined = base64 === null ? null : decodeCharset(base64, label);
  return joined !== null && isSound(joined) ? joined.text : together.text;
}

function isSound({ text, certain }: { readonly text: string; readonly certain: boolean }): boolean {
  return certain && !text.includes("\ufffd");
}
