import iconv from "iconv-lite";
import type { Charset } from "./charsets.ts";

const ESC = 0x1b;
const SHIFT_OUT = 0x0e;
const SHIFT_IN = 0x0f;
const LF = 0x0a;
const TILDE = 0x7e;

/** Which characters the octets 21 to 7E stand for. */
interface CharacterSet {
  /** The table that has them with the eighth bit set; null for ASCII. */
  readonly codec: string | null;
  /** Octets of a character. */
  readonly octets: 1 | 2;
  /** An octet before each character in that table. */
  readonly prefix?: number;
}

const ASCII: CharacterSet = { codec: null, octets: 1 };
const KATAKANA: CharacterSet = { codec: "cp932", octets: 1 };
const JAPANESE: CharacterSet = { codec: "eucjp", octets: 2 };
const MORE_JAPANESE: CharacterSet = { codec: "eucjp", octets: 2, prefix: 0x8f };
const KOREAN: CharacterSet = { codec: "cp949", octets: 2 };
const CHINESE: CharacterSet = { codec: "gb18030", octets: 2 };

/** What follows an escape octet (RFC 1468, 1554, 2237; JIS X 0213), and what it switches to at once. */
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

/** What shift-out switches to from then on (RFC 1557, 1922). */
const SHIFTED: ReadonlyMap<string, CharacterSet> = new Map([
  ["$)A", CHINESE],
  ["$)C", KOREAN],
]);

/** The charset of seven bits whose escape sequences stand in an ASCII text; null if there are none. */
export function escapedCharset(text: string): string | null {
  const has = (sequence: string): boolean => text.includes(`\x1b${sequence}`);
  if (has("$)C")) return "iso-2022-kr";
  if (has("$)A")) return "iso-2022-cn";
  return [...NOW.keys()].some((sequence) => sequence !== "(B" && has(sequence)) ? "iso-2022-jp" : null;
}

/** Octets below 128 in a charset that switches: the text, and how many were no character. */
export function readSwitching(
  octets: Uint8Array,
  { name }: Charset,
): { readonly text: string; readonly faults: number } {
  const reader = new SwitchingReader(octets, name);
  return name === "hz-gb-2312" ? reader.readTildes() : reader.readEscapes();
}

class SwitchingReader {
  readonly #octets: Uint8Array;
  readonly #parts: string[] = [];
  #current = ASCII;
  #shifted: CharacterSet;
  /** Octets of characters in the current set's table. */
  #pending: number[] = [];
  #faults = 0;
  #nextEscape = -1;

  constructor(octets: Uint8Array, charset: string) {
    this.#octets = octets;
    this.#shifted = charset === "iso-2022-kr" ? KOREAN : charset === "iso-2022-cn" ? CHINESE : KATAKANA;
  }

  readEscapes() {
    const octets = this.#octets;
    for (let at = 0; at < octets.length; ) {
      const octet = octets[at];
      if (octet === ESC) at = this.#escape(at);
      else if (octet === SHIFT_OUT) at = this.#switch(this.#shifted, at + 1);
      else if (octet === SHIFT_IN) at = this.#switch(ASCII, at + 1);
      else {
        // A line begins in ASCII again (RFC 1468), unless what comes next shows that somebody broke the line later on.
        if (octet === LF && this.#current !== ASCII && !this.#goesOn(at)) this.#switch(ASCII, at);
        at = this.#character(at);
      }
    }
    return this.#finish();
  }

  /** HZ (RFC 1843). */
  readTildes() {
    const octets = this.#octets;
    for (let at = 0; at < octets.length; ) {
      const next = octets[at] === TILDE ? String.fromCharCode(octets[at + 1] ?? 0) : "";
      if (next === "{") at = this.#switch(CHINESE, at + 2);
      else if (next === "}") at = this.#switch(ASCII, at + 2);
      else if (next === "~" && this.#current === ASCII) at = this.#character(at + 1);
      else if (next === "\n") at += 2;
      else {
        if (octets[at] === LF) this.#switch(ASCII, at);
        at = this.#character(at);
      }
    }
    return this.#finish();
  }

  #escape(at: number): number {
    const [first = 0, second = 0, third = 0] = this.#octets.subarray(at + 1, at + 4);
    for (const length of [2, 3]) {
      const sequence = String.fromCharCode(first, second, third).slice(0, length);
      const now = NOW.get(sequence);
      if (now !== undefined) return this.#switch(now, at + 1 + length);
      const shifted = SHIFTED.get(sequence);
      if (shifted !== undefined) {
        this.#shifted = shifted;
        return at + 1 + length;
      }
    }
    this.#faults++;
    return this.#switch(ASCII, at + 1);
  }

  #switch(to: CharacterSet, next: number): number {
    this.#flush();
    this.#current = to;
    return next;
  }

  /** True if the next escape sequence ends characters that are not ASCII, so that these must go on until there. */
  #goesOn(at: number): boolean {
    if (this.#nextEscape < at) {
      const found = this.#octets.indexOf(ESC, at);
      this.#nextEscape = found < 0 ? this.#octets.length : found;
    }
    const [, first, second] = this.#octets.subarray(this.#nextEscape, this.#nextEscape + 3);
    return first === 0x28 && (second === 0x42 || second === 0x4a);
  }

  #character(at: number): number {
    const { codec, octets: length, prefix } = this.#current;
    const first = this.#octets[at] ?? 0;
    if (codec === null || first <= 0x20 || first === 0x7f) {
      this.#flush();
      this.#parts.push(String.fromCharCode(first));
      return at + 1;
    }
    if (prefix !== undefined) this.#pending.push(prefix);
    this.#pending.push(first | 0x80);
    if (length === 1) return at + 1;
    const second = this.#octets[at + 1] ?? 0;
    if (second <= 0x20 || second === 0x7f) {
      this.#pending.pop();
      // Cut off at the end.
      if (at + 1 < this.#octets.length) this.#fault();
      return at + 1;
    }
    this.#pending.push(second | 0x80);
    return at + 2;
  }

  #fault(): void {
    this.#flush();
    this.#faults++;
    this.#parts.push("\ufffd");
  }

  #flush(): void {
    const { codec } = this.#current;
    if (codec === null || this.#pending.length === 0) return;
    const text = iconv.decode(Buffer.from(this.#pending), codec);
    this.#faults += text.split("\ufffd").length - 1;
    this.#parts.push(text);
    this.#pending = [];
  }

  #finish() {
    this.#flush();
    return { text: this.#parts.join(""), faults: this.#faults };
  }
}
