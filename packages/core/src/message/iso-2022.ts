import iconv from "iconv-lite";
import type { Charset } from "./charsets.ts";
import { latin1 } from "./octets.ts";

const ESC = 0x1b;
const SHIFT_OUT = 0x0e;
const SHIFT_IN = 0x0f;
const LF = 0x0a;
const TILDE = 0x7e;
const OPEN = 0x7b;
const CLOSE = 0x7d;

/** The characters for which the octets 21 to 7E stand. */
interface CharacterSet {
  /** The encoding of iconv-lite that has them with the eighth bit set; null for ASCII. */
  readonly codec: string | null;
  /** Number of octets of each character. */
  readonly octets: 1 | 2;
  /** An octet that this encoding has before each of the characters. */
  readonly prefix?: number;
}

const ASCII: CharacterSet = { codec: null, octets: 1 };
const KATAKANA: CharacterSet = { codec: "eucjp", octets: 1, prefix: 0x8e };
const JAPANESE: CharacterSet = { codec: "eucjp", octets: 2 };
const MORE_JAPANESE: CharacterSet = { codec: "eucjp", octets: 2, prefix: 0x8f };
const KOREAN: CharacterSet = { codec: "cp949", octets: 2 };
const CHINESE: CharacterSet = { codec: "gb18030", octets: 2 };

/** By the octets after an escape octet (RFC 1468, 1554, 2237; JIS X 0213), the set to which they switch at once. */
const NOW: ReadonlyMap<string, CharacterSet> = new Map([
  ["(B", ASCII],
  ["(J", ASCII],
  ["(H", ASCII],
  ["(I", KATAKANA],
  ["$@", JAPANESE],
  ["$B", JAPANESE],
  ["$(@", JAPANESE],
  ["$(B", JAPANESE],
  ["$(D", MORE_JAPANESE],
  ["$(O", JAPANESE],
  ["$(Q", JAPANESE],
  ["$A", CHINESE],
  ["$(A", CHINESE],
  ["$(C", KOREAN],
]);

/** By the octets after an escape octet (RFC 1557, 1922), the set to which each later shift-out switches. */
const SHIFTED: ReadonlyMap<string, CharacterSet> = new Map([
  ["$)A", CHINESE],
  ["$)C", KOREAN],
]);

/** The charset of seven bits whose escape sequences an ASCII text has; null if it has none. */
export function escapedCharset(text: string): string | null {
  const has = (sequence: string): boolean => text.includes(`\x1b${sequence}`);
  if (has("$)C")) return "iso-2022-kr";
  if (has("$)A")) return "iso-2022-cn";
  return [...NOW.keys()].some((sequence) => sequence !== "(B" && has(sequence)) ? "iso-2022-jp" : null;
}

/** Two or more Chinese characters in HZ (RFC 1843), and everything that may begin with a tilde in HZ. */
const TILDE_WORDS = /~\{(?:[!-w][!-~]){2,}~\}/;
const TILDE_SIGNS = /~\{(?:[!-w][!-~])+(?:~\}|(?=\r?\n))|~~|~\n/g;

/** True if an ASCII text can hardly be anything but HZ: it has Chinese words, and no tilde that HZ does not allow. */
export function looksLikeHz(text: string): boolean {
  return TILDE_WORDS.test(text) && !text.replace(TILDE_SIGNS, "").includes("~");
}

/** Reads octets below 128 in a charset of seven bits; `faults` is the number of U+FFFD in the text. */
export function readSwitching(
  octets: Uint8Array,
  { name }: Charset,
): { readonly text: string; readonly faults: number } {
  const reader = new SwitchingReader(octets, name);
  return name === "hz-gb-2312" ? reader.readTildes() : reader.readEscapes();
}

/** An octet that is no character in any of the encodings, so that they make U+FFFD of it. */
const NO_CHARACTER = 0xff;

class SwitchingReader {
  readonly #octets: Uint8Array;
  readonly #parts: string[] = [];
  #current = ASCII;
  #shifted: CharacterSet;
  /** The encoding of the pending octets; all of the encodings have ASCII, too. */
  #codec: string;
  readonly #pending: Buffer;
  #length = 0;
  #nextEscape = -1;

  constructor(octets: Uint8Array, charset: string) {
    this.#octets = octets;
    this.#shifted = charset === "iso-2022-kr" ? KOREAN : charset === "iso-2022-cn" ? CHINESE : KATAKANA;
    this.#codec = this.#shifted.codec ?? "eucjp";
    // Each octet may need a prefix.
    this.#pending = Buffer.allocUnsafe(2 * octets.length);
  }

  readEscapes() {
    const octets = this.#octets;
    for (let at = 0; at < octets.length; ) {
      const octet = octets[at];
      if (octet === ESC) at = this.#escape(at);
      else if (octet === SHIFT_OUT) at = this.#switch(this.#shifted, at + 1);
      else if (octet === SHIFT_IN) at = this.#switch(ASCII, at + 1);
      else {
        // A new line begins in ASCII (RFC 1468), unless its octets show that the line was broken after it was written.
        if (octet === LF && this.#current !== ASCII && !this.#goesOn(at)) this.#switch(ASCII, at);
        at = this.#character(at);
      }
    }
    return this.#finish();
  }

  /** Reads the octets as HZ (RFC 1843). */
  readTildes() {
    const octets = this.#octets;
    for (let at = 0; at < octets.length; ) {
      const next = octets[at] === TILDE ? octets[at + 1] : undefined;
      if (next === OPEN) at = this.#switch(CHINESE, at + 2);
      else if (next === CLOSE) at = this.#switch(ASCII, at + 2);
      else if (next === TILDE && this.#current === ASCII) at = this.#character(at + 1);
      else if (next === LF) at += 2;
      else {
        if (octets[at] === LF) this.#switch(ASCII, at);
        at = this.#character(at);
      }
    }
    return this.#finish();
  }

  #escape(at: number): number {
    const sequence = latin1(this.#octets.subarray(at + 1, at + 4));
    for (const length of [2, 3]) {
      const now = NOW.get(sequence.slice(0, length));
      if (now !== undefined) return this.#switch(now, at + 1 + length);
      const shifted = SHIFTED.get(sequence.slice(0, length));
      if (shifted !== undefined) {
        this.#shifted = shifted;
        return at + 1 + length;
      }
    }
    this.#put(NO_CHARACTER);
    return this.#switch(ASCII, at + 1);
  }

  #switch(to: CharacterSet, next: number): number {
    this.#current = to;
    if (to.codec !== null && to.codec !== this.#codec) {
      this.#flush();
      this.#codec = to.codec;
    }
    return next;
  }

  /** True if the next escape sequence switches to ASCII, so that the characters before it are not ASCII yet. */
  #goesOn(at: number): boolean {
    if (this.#nextEscape < at) {
      const found = this.#octets.indexOf(ESC, at);
      this.#nextEscape = found < 0 ? this.#octets.length : found;
    }
    const end = latin1(this.#octets.subarray(this.#nextEscape + 1, this.#nextEscape + 3));
    return end === "(B" || end === "(J";
  }

  #character(at: number): number {
    const { codec, octets: length, prefix } = this.#current;
    const first = this.#octets[at] ?? 0;
    if (codec === null || !isGraphic(first)) {
      this.#put(first);
      return at + 1;
    }
    const second = length === 1 ? undefined : this.#octets[at + 1];
    if (length === 2 && (second === undefined || !isGraphic(second))) {
      // A character that is cut off at the end is left out; a damaged one becomes U+FFFD.
      if (second !== undefined) this.#put(NO_CHARACTER);
      return at + 1;
    }
    if (prefix !== undefined) this.#put(prefix);
    this.#put(first | 0x80);
    if (second !== undefined) this.#put(second | 0x80);
    return at + length;
  }

  #put(octet: number): void {
    this.#pending[this.#length++] = octet;
  }

  #flush(): void {
    if (this.#length === 0) return;
    this.#parts.push(iconv.decode(this.#pending.subarray(0, this.#length), this.#codec, { stripBOM: false }));
    this.#length = 0;
  }

  #finish() {
    this.#flush();
    const text = this.#parts.join("");
    return { text, faults: text.split("\ufffd").length - 1 };
  }
}

/** True for octets that stand for characters, whether their eighth bit is set or not. */
function isGraphic(octet: number): boolean {
  const bits = octet & 0x7f;
  return bits > 0x20 && bits < 0x7f;
}
