import { isUtf8 } from "node:buffer";
import { asBuffer } from "./octets.ts";
import { windows1252 } from "./windows-1252.ts";

/** How much of some octets is UTF-8. */
export interface Utf8Shape {
  /** The number of octets above 127 that are part of a whole character. */
  readonly good: number;
  /** The number of other octets above 127; the beginning of a character that is cut off at the end is not counted. */
  readonly bad: number;
  /** The number of characters of three and four octets. Hardly anything else than UTF-8 has two of them by chance. */
  readonly long: number;
  /** True if a character is cut off at the end. */
  readonly cut: boolean;
}

/** How many octets are counted. All are checked for bad ones. */
const MAX_COUNTED = 64 * 1024;

/** Counts how much of the octets is UTF-8, in the first 64 KiB; `bad` is 0 only if all of the octets are UTF-8. */
export function utf8Shape(octets: Uint8Array): Utf8Shape {
  const whole = octets.subarray(0, wholeEnd(octets));
  const cut = whole.length < octets.length;
  const counted = countOf(whole.length > MAX_COUNTED ? whole.subarray(0, MAX_COUNTED) : whole);
  if (isUtf8(whole)) return { ...counted, bad: 0, cut };
  return { ...counted, bad: Math.max(1, counted.bad), cut };
}

/**
 * Reads octets as UTF-8, and other octets as programs mean them that write such: two surrogates of three octets each are
 * one character (CESU-8), and a single octet beside ASCII is one of Windows-1252. Other octets become U+FFFD. The
 * beginning of a character that is cut off at the end is left out.
 */
export function readUtf8(octets: Uint8Array): string {
  const whole = octets.subarray(0, wholeEnd(octets));
  return isUtf8(whole) ? asBuffer(whole).toString("utf8") : readDamaged(whole);
}

/** The number of octets to the end of the last whole character. */
function wholeEnd(octets: Uint8Array): number {
  const end = octets.length;
  for (let back = 1; back <= 3 && back <= end; back++) {
    const octet = octets[end - back] ?? 0;
    if (octet < 0x80) return end;
    if (octet >= 0xc0) return octet >= 0xc2 && octet < 0xf5 && back < lengthOf(octet) ? end - back : end;
  }
  return end;
}

/** The number of octets of the character that begins with this octet. */
function lengthOf(octet: number): number {
  return octet < 0xe0 ? 2 : octet < 0xf0 ? 3 : 4;
}

function countOf(octets: Uint8Array): Omit<Utf8Shape, "cut"> {
  let good = 0;
  let bad = 0;
  let long = 0;
  for (let at = 0; at < octets.length; ) {
    const octet = octets[at] ?? 0;
    if (octet < 0x80) {
      at++;
      continue;
    }
    const length = sequenceAt(octets, at);
    if (length === lengthOf(octet) && octet >= 0xc2) good += length;
    else bad += length;
    if (length > 2) long++;
    at += length;
  }
  return { good, bad, long };
}

function readDamaged(octets: Uint8Array): string {
  const parts: string[] = [];
  let done = 0;
  for (let at = 0; at < octets.length; ) {
    const octet = octets[at] ?? 0;
    const length = octet < 0x80 ? 1 : sequenceAt(octets, at);
    const isSurrogate = octet === 0xed && length === 3 && (octets[at + 1] ?? 0) >= 0xa0;
    if (octet < 0x80 || (octet >= 0xc2 && length === lengthOf(octet) && !isSurrogate)) {
      at += length;
      continue;
    }
    parts.push(asBuffer(octets.subarray(done, at)).toString("utf8"));
    if (isSurrogate) parts.push(String.fromCharCode(unitAt(octets, at)));
    else parts.push(isSingle(octets, at, length) ? windows1252(octets.subarray(at, at + 1)) : "\ufffd");
    at += length;
    done = at;
  }
  parts.push(asBuffer(octets.subarray(done)).toString("utf8"));
  return parts.join("").replace(/\p{Surrogate}/gu, "\ufffd");
}

/** True for a single octet beside ASCII: it is a letter of another charset rather than the rest of a character. */
function isSingle(octets: Uint8Array, at: number, length: number): boolean {
  return length === 1 && (isAscii(octets[at - 1]) || isAscii(octets[at + 1]));
}

/** True for an octet of ASCII, and where there is no octet. */
function isAscii(octet = 0): boolean {
  return octet < 0x80;
}

/** How many octets from `at` on belong together: those of a character, also of a surrogate, or of its beginning; or 1. */
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

/** The UTF-16 code unit of the three octets from `at` on. */
function unitAt(octets: Uint8Array, at: number): number {
  const [first = 0, second = 0, third = 0] = octets.subarray(at, at + 3);
  return ((first & 0x0f) << 12) | ((second & 0x3f) << 6) | (third & 0x3f);
}
