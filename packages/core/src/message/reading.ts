import { isUtf8 } from "node:buffer";
import iconv from "iconv-lite";
import { latin1 } from "../octets.ts";
import type { Charset } from "./charsets.ts";

/** Octets as a charset reads them. */
export interface Reading {
  readonly charset: string;
  readonly text: string;
  /** How many times octets were no character of the charset; there stands U+FFFD. A character cut off at the end is none of them. */
  readonly faults: number;
}

const REPLACEMENT = /\ufffd/g;
/** The longest character of any charset has four octets. */
const MAX_CHARACTER = 4;

/** Reads octets in a charset. What is left of a character that was cut off at the end is dropped. */
export function readAs(octets: Uint8Array, charset: Charset): Reading {
  if (charset.name === "utf-8") return readUtf8(octets);
  if (charset.name === "windows-1252") return { charset: charset.name, text: windows1252(octets), faults: 0 };
  const text = iconv.decode(octets, charset.codec);
  return faultsOf(charset.name, text, charset.shape === "single" ? 0 : 1);
}

/** Reads octets as UTF-8; faultless if they are. */
export function readUtf8(octets: Uint8Array): Reading {
  const whole = octets.subarray(0, wholeUtf8(octets));
  const buffer = Buffer.from(whole.buffer, whole.byteOffset, whole.byteLength);
  const text = buffer.toString("utf8");
  return isUtf8(whole) ? { charset: "utf-8", text, faults: 0 } : faultsOf("utf-8", text, 0);
}

/** Where the last whole character of UTF-8 ends. */
function wholeUtf8(octets: Uint8Array): number {
  const end = octets.length;
  for (let back = 1; back < MAX_CHARACTER && back <= end; back++) {
    const octet = octets[end - back] ?? 0;
    if (octet < 0x80) return end;
    if (octet >= 0xc0) return back < (octet < 0xe0 ? 2 : octet < 0xf0 ? 3 : 4) ? end - back : end;
  }
  return end;
}

function faultsOf(charset: string, text: string, forgiven: number): Reading {
  const whole = forgiven > 0 && text.endsWith("\ufffd") ? text.slice(0, -1) : text;
  return { charset, text: whole, faults: whole.match(REPLACEMENT)?.length ?? 0 };
}

/** What Windows-1252 has at 80 to 9F; a control character where it has nothing. */
const AFTER_7F =
  "\u20ac\x81\u201a\u0192\u201e\u2026\u2020\u2021\u02c6\u2030\u0160\u2039\u0152\x8d\u017d\x8f\x90\u2018\u2019\u201c\u201d\u2022\u2013\u2014\u02dc\u2122\u0161\u203a\u0153\x9d\u017e\u0178";

/** Needs no table, and Node's own decoder takes it for ISO 8859-1 in several versions. */
function windows1252(octets: Uint8Array): string {
  return latin1(octets).replace(
    /[\x80-\x9f]/g,
    (control) => AFTER_7F[control.charCodeAt(0) - 0x80] ?? control,
  );
}
