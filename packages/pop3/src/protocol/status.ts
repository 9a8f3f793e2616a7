import type { Refusal } from "../errors.ts";

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
