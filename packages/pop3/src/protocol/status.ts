import type { Refusal } from "../errors/refusal.ts";
import { escapedText, shownText } from "./text.ts";

const LF = 0x0a;
const CR = 0x0d;
const SP = 0x20;
const TAB = 0x09;

/** What a status line says. */
export interface Status extends Refusal {
  readonly ok: boolean;
  readonly statusOctets: Uint8Array;
}

const okOctets = Buffer.from("+OK");
const errOctets = Buffer.from("-ERR");

/**
 * Reads a status line without its line end. Null: it begins with neither `+OK` nor `-ERR`, which some servers write in
 * lower case or after a blank.
 */
export function parseStatus(line: Buffer): Status | null {
  const start = blanksEnd(line, 0);
  const ok = isWord(line, start, okOctets);
  if (!ok && !isWord(line, start, errOctets)) return null;
  const statusOctets = withoutBlanks(line, start + (ok ? okOctets : errOctets).length, line.length);
  const statusText = shownText(statusOctets);
  const code = ok ? undefined : /^\[([^\]\s]+)\]/.exec(statusText)?.[1];
  return { ok, statusText, statusOctets, responseCode: code?.toUpperCase() ?? null };
}

/** A copy of what follows the blanks. A slice would keep all that it was taken from in memory, which may be much. */
export function withoutBlanks(octets: Buffer, start: number, end: number): Buffer {
  return Buffer.from(octets.subarray(blanksEnd(octets, start), end));
}

function blanksEnd(octets: Buffer, start: number): number {
  let at = start;
  while (octets[at] === SP || octets[at] === TAB) at++;
  return at;
}

/** Whether the word, in upper or lower case, stands there. */
function isWord(octets: Buffer, start: number, word: Buffer): boolean {
  // Of a letter the bit 0x20 is its case.
  return word.every((octet, index) => {
    const here = octets[start + index] ?? 0;
    return octet >= 0x41 ? (here & ~0x20) === octet : here === octet;
  });
}

const responseCodes = new Set(["AUTH", "IN-USE", "LOGIN-DELAY", "SYS/PERM", "SYS/TEMP", "UTF8"]);

/** What stands in place of a secret. */
export const mask = "****";

/**
 * The status with the secrets masked that the server may have repeated. A registered response code stays, even if it
 * happens to be the password.
 */
export function withoutSecrets(status: Status, secrets: readonly string[]): Status {
  // A secret stands in an escaped text as its octets are escaped.
  const written = secrets.flatMap((secret) => [
    secret,
    shownText(Buffer.from(secret)),
    escapedText(Buffer.from(secret)),
  ]);
  const statusText = maskAll(status.statusText, written);
  const { responseCode } = status;
  const known = responseCode === null || responseCodes.has(responseCode);
  const upper = written.map((secret) => secret.toUpperCase());
  return {
    ok: status.ok,
    statusText,
    statusOctets: statusText === status.statusText ? status.statusOctets : Buffer.from(statusText),
    responseCode: known ? responseCode : maskAll(responseCode, upper),
  };
}

/** The text with every secret in it masked. */
export function maskAll(text: string, secrets: readonly string[]): string {
  // The longest first: one may be part of another.
  const sorted = secrets.filter((secret) => secret !== "").sort((a, b) => b.length - a.length);
  let masked = text;
  for (const secret of sorted) masked = masked.replaceAll(secret, mask);
  return masked;
}

/** Reads a challenge (RFC 5034 section 4): the base64 after `+ `, which may be empty. Null: the line is no challenge. */
export function parseChallenge(line: string): string | null {
  return line === "+" ? "" : line.startsWith("+ ") ? line.slice(2).trim() : null;
}

/** How many octets the status line of RETR announces, or null. Most servers say so, although the RFC does not ask for it. */
export function parseOctetsSaid(statusText: string): number | null {
  const match = /^\(?(\d{1,15}) octets/i.exec(statusText);
  return match === null ? null : Number(match[1]);
}

/** RFC 1939 section 7: the timestamp for APOP, `<...@...>` anywhere in the greeting, or null. */
export function parseApopTimestamp(greeting: string): string | null {
  return /<[^<>\s]+@[^<>\s]+>/.exec(greeting)?.[0] ?? null;
}

/** Whether these octets are a line without text, or the beginning of one. */
export function isEmptyLine(octets: Buffer, start: number, end: number): boolean {
  const length = end - start;
  return octets[start] === LF || (octets[start] === CR && (length === 1 || octets[start + 1] === LF));
}

/** Whether these octets may be, or begin, a refusal. A server that is about to close may say `-ERR` unasked. */
export function mayBeRefusal(octets: Buffer, start: number, end: number): boolean {
  return "-ERR".startsWith(octets.toString("latin1", start, Math.min(end, start + 4)).toUpperCase());
}
