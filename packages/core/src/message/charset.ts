import { isAscii, isUtf8 } from "node:buffer";
import { type Charset, charsetOf } from "./charsets.ts";
import { looksLikeEbcdic } from "./ebcdic.ts";
import { escapedCharset, looksLikeHz } from "./iso-2022.ts";
import { likeliestCharset, verdictOn } from "./likeliest-charset.ts";
import { asBuffer, latin1 } from "./octets.ts";
import { type Reading, readAs } from "./reading.ts";
import { readUtf8, type Utf8Shape, utf8Shape } from "./utf8.ts";

/** The text of octets. */
export interface DecodedText {
  readonly text: string;
  /** The charset as which the octets were read: its preferred MIME name in lower case, for example `windows-1252`. */
  readonly charset: string;
  /** False if neither the label nor the octets tell the charset: then the text is the likeliest one. */
  readonly certain: boolean;
}

const ESC = 0x1b;
/** The first octet of the byte order mark in UTF-8. */
const BYTE_ORDER_MARK = 0xef;
/** The largest part of a text that may be damaged while its label is believed. */
const DAMAGED = 0.05;

/** A label is not believed if the text is worth less than `worth` for each octet, and another charset `better` more. */
interface Doubt {
  readonly worth: number;
  readonly better: number;
}

/** For Windows-1252: programs write this label for any charset that they do not know. */
const DOUBT_LATIN: Doubt = { worth: 0.5, better: 2 };
/** For charsets with characters of several octets: accented letters of other charsets look like these by chance. */
const DOUBT_MULTI: Doubt = { worth: -0.3, better: 3 };
/** For all others: letters of one charset are other letters in another one, but then they make no words. */
const DOUBT_OTHER: Doubt = { worth: 0.3, better: 4 };

/**
 * Reads octets as text in the charset of the label, or in the likeliest one if the label does not fit them. `label` is
 * the name of a charset as it stands in the message, null or undefined if there is none. A character that is cut off at
 * the end is left out. Never throws, and takes time in proportion to the octets.
 */
export function decodeCharset(octets: Uint8Array, label: string | null | undefined): DecodedText {
  const charset = label == null ? null : charsetOf(label);
  if (charset?.name === "utf-8" && isPlainUtf8(octets))
    return { text: asBuffer(octets).toString("utf8"), charset: charset.name, certain: true };
  const wide = wideCharset(octets, charset);
  if (wide !== null) return decoded(wide, readAs(octets, wide), true);
  if (isAscii(octets)) return decodeAscii(octets, charset);
  const utf8 = utf8Shape(octets);
  if (isMeant(utf8, octets, charset))
    return { text: withoutMark(readUtf8(octets)), charset: "utf-8", certain: utf8.bad === 0 };
  if (charset?.shape === "ebcdic" && looksLikeEbcdic(octets)) {
    // Octets without a character become U+FFFD: in the likeliest charset they would be words of another script.
    const reading = readAs(octets, charset);
    return decoded(charset, reading, reading.faults === 0);
  }
  if (
    charset !== null &&
    charset.shape !== "ebcdic" &&
    charset.name !== "utf-8" &&
    charset.name !== "us-ascii"
  ) {
    const reading = readAs(octets, charset);
    if (fits(reading, octets, charset)) return decoded(charset, reading, true);
  }
  const likeliest = likeliestCharset(octets, charset)?.charset ?? charset;
  if (likeliest === null) return { text: readUtf8(octets), charset: "utf-8", certain: false };
  return decoded(likeliest, readAs(octets, likeliest), false);
}

function decoded(charset: Charset, { text }: Reading, certain: boolean): DecodedText {
  return { text, charset: charset.name, certain };
}

/** True for UTF-8 without octets by which another charset is recognised; most texts with this label are such. */
function isPlainUtf8(octets: Uint8Array): boolean {
  return isUtf8(octets) && !octets.includes(0) && !octets.includes(ESC) && octets[0] !== BYTE_ORDER_MARK;
}

/** Decodes octets that are all below 128. In some charsets they stand for other characters than those of ASCII. */
function decodeAscii(octets: Uint8Array, charset: Charset | null): DecodedText {
  const text = latin1(octets);
  const escaped = text.includes("\x1b") ? escapedCharset(text) : looksLikeHz(text) ? "hz-gb-2312" : null;
  const switching = charset?.shape === "seven" ? charset : escaped === null ? null : charsetOf(escaped);
  const name =
    charset === null || charset.shape === "wide" || charset.shape === "ebcdic" ? "us-ascii" : charset.name;
  if (switching === null) return { text, charset: name, certain: true };
  const reading = readAs(octets, switching);
  if (reading.faults === 0 || escaped !== null) return decoded(switching, reading, reading.faults === 0);
  return { text, charset: "us-ascii", certain: false };
}

/** UTF-16 or UTF-32, if a byte order mark says so, or the label and the octets do; else null. */
function wideCharset(octets: Uint8Array, charset: Charset | null): Charset | null {
  const first = octets[0];
  const second = octets[1];
  const third = octets[2];
  const fourth = octets[3];
  if (first === 0xff && second === 0xfe)
    return charsetOf(third === 0 && fourth === 0 && octets.length > 4 ? "utf-32le" : "utf-16le");
  if (first === 0xfe && second === 0xff) return charsetOf("utf-16be");
  if (first === 0 && second === 0 && third === 0xfe && fourth === 0xff) return charsetOf("utf-32be");
  const zeros = octets.includes(0);
  // A text in UTF-16 has zeros, in each blank and line end. So ASCII and UTF-8 under this label are what they seem.
  if (charset?.shape === "wide")
    return zeros || !(isAscii(octets) || utf8Shape(octets).bad === 0) ? charset : null;
  return zeros && octets.length % 2 === 0 ? withZeros(octets) : null;
}

/** UTF-16 without a label: at least a third of the octets are zeros, nearly all at even or nearly all at odd places. */
function withZeros(octets: Uint8Array): Charset | null {
  const zeros = [0, 0];
  const sample = octets.subarray(0, 4096);
  for (const [at, octet] of sample.entries()) if (octet === 0) zeros[at & 1] = (zeros[at & 1] ?? 0) + 1;
  const [even = 0, odd = 0] = zeros;
  if (3 * Math.max(even, odd) < sample.length || Math.min(even, odd) > sample.length / 50) return null;
  return charsetOf(even > odd ? "utf-16be" : "utf-16le");
}

function withoutMark(text: string): string {
  return text.startsWith("\ufeff") ? text.slice(1) : text;
}

/** True if octets are meant as UTF-8, although their label may say something else. */
function isMeant({ good, bad, long, cut }: Utf8Shape, octets: Uint8Array, charset: Charset | null): boolean {
  if (good === 0) return cut && isCutLetter(octets) && (charset === null || charset.name === "utf-8");
  // With this label or without one, some octets may be something else, as in a quotation of older mail, or at a cut.
  if (bad > 0) return charset === null || charset.name === "utf-8" ? good >= 3 * bad : false;
  if (charset === null || charset.name === "utf-8" || charset.name === "us-ascii") return true;
  // Nobody writes Ã¶ in Windows-1252. But in other charsets two letters of a word may look like UTF-8.
  if (charset.name === "windows-1252" || charset.shape === "seven") return true;
  if (long >= 2 || good >= 8) return true;
  const asLabelled = readAs(octets, charset);
  return asLabelled.faults > 0 || (verdictOn(octets, charset)?.worth ?? 0) <= 0;
}

/** True if the last octet more likely begins a letter in UTF-8 than is one of Windows-1252: Ã after a small letter. */
function isCutLetter(octets: Uint8Array): boolean {
  const last = octets.at(-1) ?? 0;
  const before = octets.at(-2) ?? 0;
  return last >= 0xc2 && last <= 0xc5 && before >= 0x61 && before <= 0x7a;
}

const HALF_WIDTH = /^[\0-\x7f\uff61-\uff9f]*$/;

/** True if octets make sense in the charset of their label, so that it is believed. */
function fits(reading: Reading, octets: Uint8Array, charset: Charset): boolean {
  const { text, faults, cut } = reading;
  if (faults > 0 && faults > DAMAGED * (text.length - faults)) return false;
  if (cut && !/[^\0-\x7f]/.test(text)) return false;
  // A text of half-width katakana is plausible, although they are none of the frequent characters.
  if (charset.name === "shift_jis" && HALF_WIDTH.test(text)) return true;
  const verdict = verdictOn(octets, charset);
  // Nothing is known about texts in this charset, except that they have no control characters.
  if (verdict === null) return !/[\x80-\x9f]/.test(text);
  const doubt =
    charset.name === "windows-1252" ? DOUBT_LATIN : charset.shape === "multi" ? DOUBT_MULTI : DOUBT_OTHER;
  if (verdict.worth >= doubt.worth * verdict.octets) return true;
  const best = likeliestCharset(octets);
  return best === null || best.worth - verdict.worth < doubt.better;
}
