import { ArgumentError } from "../arguments/argument-error.ts";
import { octetsToUuid, uuidToOctets } from "../values/uuid-octets.ts";

/**
 * How candidates are found: by their words in the index, or by a walk over all messages. A search goes on as it began, also
 * where the other way would have become the better one.
 */
export type Way = "words" | "walk";

/** Where a search goes on. */
export interface Cursor {
  readonly way: Way;
  /** Before this message. */
  readonly before: Uint8Array;
}

const LETTERS: Readonly<Record<Way, string>> = { words: "w", walk: "a" };

/** As a caller gets it: letters and digits. */
export function writeCursor({ way, before }: Cursor): string {
  return LETTERS[way] + octetsToUuid(before).replaceAll("-", "");
}

/** @throws ArgumentError if it was not written by {@link writeCursor} */
export function readCursor(text: string): Cursor {
  const way = (["words", "walk"] as const).find((one) => LETTERS[one] === text.charAt(0));
  if (way === undefined || !/^.[0-9a-f]{32}$/.test(text))
    throw new ArgumentError("search.cursor", "what a search gave as next", text);
  return { way, before: uuidToOctets(text.slice(1)) };
}
