import { isUtf8 } from "node:buffer";

/** Control characters, which a terminal obeys, and those that change the direction of text. A tab is none of them. */
const unsafe = /(?!\t)[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu;

/**
 * What a server says to people, as text that is safe to show. Octets that are UTF-8 are read as that (RFC 6856 section
 * 3.1). Otherwise nobody knows the charset, and each octet that is not ASCII becomes `\xNN`. So do control characters.
 */
export function shownText(octets: Uint8Array): string {
  const buffer = Buffer.from(octets.buffer, octets.byteOffset, octets.byteLength);
  if (!isUtf8(buffer)) return escapedText(buffer);
  return buffer.toString("utf8").replace(unsafe, (character) => escapeAll(Buffer.from(character)));
}

/** The same for octets that are not UTF-8: each one that is not printable ASCII or a tab becomes `\xNN`. */
export function escapedText(octets: Buffer): string {
  return octets.toString("latin1").replace(/[^\t\x20-\x7e]/g, (one) => escapeAll(Buffer.from(one, "latin1")));
}

/** The lines of a multi-line reply, each read by `shownText`. */
export function shownLines(body: Uint8Array): string[] {
  const lines = Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString("latin1").split(/\r?\n/);
  return lines.map((line) => shownText(Buffer.from(line, "latin1")));
}

function escapeAll(octets: Buffer): string {
  return [...octets].map((octet) => `\\x${octet.toString(16).padStart(2, "0")}`).join("");
}
