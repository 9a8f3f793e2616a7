import { isUtf8 } from "node:buffer";

/** Controls, which a terminal obeys, and what turns the order of text around; a tab stays, it separates words. */
const unsafe = /(?!\t)[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu;

/**
 * What a server says to people, as text that may be shown: UTF-8 where the octets are that (RFC 6856 section 3.1);
 * elsewhere no charset is named anywhere, and what is not ASCII stands as `\xNN`, octet by octet. So do controls.
 */
export function shownText(octets: Uint8Array): string {
  const buffer = Buffer.from(octets.buffer, octets.byteOffset, octets.byteLength);
  if (!isUtf8(buffer)) return escapedText(buffer);
  return buffer.toString("utf8").replace(unsafe, (character) => escapeAll(Buffer.from(character)));
}

/** The same where the octets are not UTF-8 as a whole. */
export function escapedText(octets: Buffer): string {
  return octets.toString("latin1").replace(/[^\t\x20-\x7e]/g, (one) => escapeAll(Buffer.from(one, "latin1")));
}

/** The lines of a multi-line reply, each for itself. */
export function shownLines(body: Uint8Array): string[] {
  const lines = Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString("latin1").split(/\r?\n/);
  return lines.map((line) => shownText(Buffer.from(line, "latin1")));
}

function escapeAll(octets: Buffer): string {
  return [...octets].map((octet) => `\\x${octet.toString(16).padStart(2, "0")}`).join("");
}
