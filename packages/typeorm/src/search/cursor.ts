import { ArgumentError } from "../arguments/argument-error.ts";
import { octetsToUuid, uuidToOctets } from "../values/uuid-octets.ts";

/** Where a search goes on, before this message, as a caller gets it: letters and digits. */
export function writeCursor(before: Uint8Array): string {
  return `w${octetsToUuid(before).replaceAll("-", "")}`;
}

/** @throws ArgumentError if it was not written by {@link writeCursor} */
export function readCursor(text: string): Uint8Array {
  if (!/^w[0-9a-f]{32}$/.test(text))
    throw new ArgumentError("search.cursor", "what a search gave as next", text);
  return uuidToOctets(text.slice(1));
}

/** Where a search for the best goes on: among the messages up to this one, behind the first so many. */
export interface BestCursor {
  readonly newest: Uint8Array;
  readonly rank: number;
}

export function writeBestCursor({ newest, rank }: BestCursor): string {
  return `b${octetsToUuid(newest).replaceAll("-", "")}${rank.toString(16).padStart(4, "0")}`;
}

/** @throws ArgumentError if it was not written by {@link writeBestCursor} */
export function readBestCursor(text: string): BestCursor {
  if (!/^b[0-9a-f]{36}$/.test(text))
    throw new ArgumentError("search.cursor", "what a search for the best gave as next", text);
  return { newest: uuidToOctets(text.slice(1, 33)), rank: Number.parseInt(text.slice(33), 16) };
}
