import { bufferOf } from "../octets/octets.ts";

/** How many octets of a multipart are looked at: its first part begins among them. */
const LOOKED_AT = 65_536;
/** How many lines that look like a boundary are looked at. */
const MOST_LINES = 100;
/** A line that may be a boundary. It is not dashes alone, because `-- ` begins a signature, and dashes draw rules. */
const LINE = /^--(?!-*[ \t]*\r?$)([^\r\n]{1,200}?)[ \t]*\r?$/gm;
/** A field of a part's header. */
const FIELD = /^\n?(?:content-[a-z-]+|mime-version)[ \t]*:/i;

/**
 * Finds the boundary of a multipart that does not name it, or names another one. It is a line that a part's header follows;
 * one that differs from the named boundary in dashes and case only; or one that occurs again as the end of a multipart.
 * Null if there is none.
 */
export function evidentBoundary(octets: Uint8Array, stated: string): string | null {
  const text = bufferOf(octets).toString("latin1", 0, LOOKED_AT);
  let count = 0;
  for (const { 0: line, 1: boundary = "", index } of text.matchAll(LINE)) {
    if (++count > MOST_LINES) return null;
    const end = index + line.length;
    if (FIELD.test(text.slice(end, end + LONGEST_FIELD))) return boundary;
    // Lines with the named boundary itself were looked for before.
    if (boundary === stated || boundary === `${stated}--`) continue;
    if (stated !== "" && bare(boundary) === bare(stated)) return boundary;
    if (text.includes(`\n--${boundary}--`, end)) return boundary;
  }
  return null;
}

const LONGEST_FIELD = 100;

function bare(boundary: string): string {
  return boundary.replace(/[-\s"']/g, "").toLowerCase();
}
