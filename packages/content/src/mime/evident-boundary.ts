import { bufferOf } from "./octets.ts";

/** So far into a multipart its first part has begun. */
const LOOKED_AT = 65_536;
/** A line of two dashes and a boundary, and after it a field of a part's header. */
const DELIMITER = /^--(?!-*[ \t]*\r?$)([^\r\n]{1,200}?)[ \t]*\r?\n(?:content-[a-z-]+|mime-version)[ \t]*:/im;

/** The boundary of a multipart that does not name it, or names another: what its first part begins with. Null if nothing does. */
export function evidentBoundary(octets: Uint8Array): string | null {
  const text = bufferOf(octets).toString("latin1", 0, LOOKED_AT);
  return DELIMITER.exec(text)?.[1] ?? null;
}
