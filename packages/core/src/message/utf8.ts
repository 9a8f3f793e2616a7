import { isUtf8 } from "node:buffer";
import { asBuffer } from "../octets.ts";
import { windows1252 } from "./windows-1252.ts";

/** What octets are as UTF-8. */
export interface Utf8Reading {
  readonly text: string;
  /** Of the octets above 127, those in whole characters. */
  readonly good: number;
  /** Of the octets above 127, those in none. The beginning of a character that is cut off at the end is not counted. */
  readonly bad: number;
  /** Characters of three octets and more: hardly anything else looks like two of them. */
  readonly long: number;
  /** True if a character is cut off at the end; the text is without it. */
  readonly cut: boolean;
}

/**
 * Reads octets as UTF-8, and what is none of it as the programs mean that write it: characters beyond the first 65,536 as two
 * surrogates (CESU-8), single octets of Windows-1252 between. U+FFFD stands only for the rest of a character.
 */
export function readUtf8(octets: Uint8Array): Utf8Reading {
  const end = wholeEnd(octets);
  const whole = end === octets.length ? octets : octets.subarray(0, end);
  const cut = end < octets.length;
  if (!isUtf8(whole)) return { ...readDamaged(whole), cut };
  return { text: asBuffer(whole).toString("utf8"), ...countOf(whole), bad: 0, cut };
}

/** Where the last whole character ends. */
function wholeEnd(octets: Uint8Array): number {
  const end = octets.length;
  for (let back = 1; back <= 3 && back <= end; back++) {
    const octet = octets[end - back] ?? 0;
    if (octet < 0x80) return end;
    if (octet >= 0xc0) return octet >= 0xc2 && octet < 0xf5 && back < lengthOf(octet) ? end - back : end;
  }
  return end;
}

/** Octets of the character that begins with this one. */
function lengthOf(octet: number): number {
  return octet < 0xe0 ? 2 : octet < 0xf0 ? 3 : 4;
}

function countOf(octets: Uint8Array): { readonly good: number; readonly long: number } {
  let good = 0;
  let long = 0;
  for (const octet of octets) {
    if (octet >= 0x80) good++;
    if (octet >= 0xe0) long++;
  }
  return { good, long };
}

function readDamaged(octets: Uint8Array): Omit<Utf8Reading, "cut"> {
  const parts: string[] = [];
  let good = 0;
  let bad = 0;
  let long = 0;
  let done = 0;
  const flush = (end: number): void => {
    if (end > done) parts.push(asBuffer(octets.subarray(done, end)).toString("utf8"));
  };
  for (let at = 0; at < octets.length; ) {
    const octet = octets[at] ?? 0;
    if (octet < 0x80) {
      at++;
      continue;
    }
    const length = sequenceAt(octets, at);
    const isSurrogate = octet === 0xed && (octets[at + 1] ?? 0) >= 0xa0;
    if (length === lengthOf(octet) && !isSurrogate) {
      good += length;
      if (length > 2) long++;
      at += length;
      continue;
    }
    flush(at);
    if (length === 3) {
      parts.push(String.fromCharCode(unitAt(octets, at)));
      good += 3;
    } else {
      parts.push(length > 1 ? "\ufffd" : windows1252(octets.subarray(at, at + 1)));
      bad += length;
    }
    at += length;
    done = at;
  }
  flush(octets.length);
  return { text: parts.join("").replace(/\p{Surrogate}/gu, "\ufffd"), good, bad, long };
}

/** How many octets from here on belong together: a character, surrogates included, or its beginning; at least one. */
function sequenceAt(octets: Uint8Array, at: number): number {
  const first = octets[at] ?? 0;
  if (first < 0xc2 || first > 0xf4) return 1;
  const length = lengthOf(first);
  for (let next = 1; next < length; next++) {
    const octet = octets[at + next] ?? 0;
    const lowest = next > 1 ? 0x80 : first === 0xe0 ? 0xa0 : first === 0xf0 ? 0x90 : 0x80;
    const highest = next === 1 && first === 0xf4 ? 0x8f : 0xbf;
    if (octet < lowest || octet > highest) return next;
  }
  return length;
}

/** The character of three octets. */
function unitAt(octets: Uint8Array, at: number): number {
  const [first = 0, second = 0, third = 0] = octets.subarray(at, at + 3);
  return ((first & 0x0f) << 12) | ((second & 0x3f) << 6) | (third & 0x3f);
}
