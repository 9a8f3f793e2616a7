import type { Refusal } from "../errors/refusal.ts";

const LF = 0x0a;
const CR = 0x0d;

export interface Status extends Refusal {
  readonly ok: boolean;
}

/** Reads a status line without its line end. Null: it begins with neither `+OK` nor `-ERR`. */
export function parseStatus(line: string): Status | null {
  if (line.startsWith("+OK")) return { ok: true, statusText: line.slice(3).trimStart(), responseCode: null };
  if (!line.startsWith("-ERR")) return null;
  const statusText = line.slice(4).trimStart();
  const code = /^\[([^\]\s]+)\]/.exec(statusText)?.[1];
  return { ok: false, statusText, responseCode: code?.toUpperCase() ?? null };
}

const responseCodes = new Set(["AUTH", "IN-USE", "LOGIN-DELAY", "SYS/PERM", "SYS/TEMP", "UTF8"]);

export const mask = "****";

/**
 * The status without the secrets that the server may have repeated. A registered response code stays even if
 * it happens to be the password.
 */
export function withoutSecrets(status: Status, secrets: readonly string[]): Status {
  const statusText = maskAll(status.statusText, secrets);
  const { responseCode } = status;
  const known = responseCode === null || responseCodes.has(responseCode);
  const upper = secrets.map((secret) => secret.toUpperCase());
  return { ok: status.ok, statusText, responseCode: known ? responseCode : maskAll(responseCode, upper) };
}

export function maskAll(text: string, secrets: readonly string[]): string {
  // The longest first: one may be part of another.
  const sorted = secrets.filter((secret) => secret !== "").sort((a, b) => b.length - a.length);
  let masked = text;
  for (const secret of sorted) masked = masked.replaceAll(secret, mask);
  return masked;
}

/** The base64 after `+ `, empty where there is none. Null: the line is no challenge (RFC 5034 section 4). */
export function parseChallenge(line: string): string | null {
  return line === "+" ? "" : line.startsWith("+ ") ? line.slice(2).trim() : null;
}

/** The two numbers of the reply to STAT or to LIST with an argument (RFC 1939 section 5), or null. */
export function parseTwoNumbers(statusText: string): readonly [number, number] | null {
  const match = /^(\d{1,15})[ \t]+(\d{1,15})(?!\d)/.exec(statusText);
  return match === null ? null : [Number(match[1]), Number(match[2])];
}

/**
 * The octets that the server announces in the reply to RETR, or null. A courtesy of most servers, no part of
 * the RFC.
 */
export function parseOctetsSaid(statusText: string): number | null {
  const match = /^\(?(\d{1,15}) octets/i.exec(statusText);
  return match === null ? null : Number(match[1]);
}

/** RFC 1939 section 7: the timestamp for APOP, `<...@...>` anywhere in the greeting, or null. */
export function parseApopTimestamp(greeting: string): string | null {
  return /<[^<>\s]+@[^<>\s]+>/.exec(greeting)?.[0] ?? null;
}

/** The beginning or the whole of a line without text. */
export function isEmptyLine(octets: Buffer, start: number, end: number): boolean {
  const length = end - start;
  return octets[start] === LF || (octets[start] === CR && (length === 1 || octets[start + 1] === LF));
}

/** A server that is about to close may say `-ERR` unasked (idle for too long, shutting down). */
export function mayBeRefusal(octets: Buffer, start: number, end: number): boolean {
  return "-ERR".startsWith(octets.toString("latin1", start, Math.min(end, start + 4)));
}
