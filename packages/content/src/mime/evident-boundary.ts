import { bufferOf } from "./octets.ts";

/** So far into a multipart its first part has begun. */
const LOOKED_AT = 65_536;
/** More lines that look like one are not looked at. */
const MOST_LINES = 100;
/** Two dashes and something that is not dashes alone: `-- ` begins a signature, and rules are drawn with dashes. */
const LINE = /^--(?!-*[ \t]*\r?$)([^\r\n]{1,200}?)[ \t]*\r?$/gm;
/** A field of a part's header. */
const FIELD = /^\n?(?:content-[a-z-]+|mime-version)[ \t]*:/i;

/**
 * The boundary of a multipart that does not name it, or names it wrongly: a line that a part's header follows, or one that
 * is the named boundary but for dashes and case, or that occurs again as the end of a multipart. Null if there is none.
 */
export function evidentBoundary(octets: Uint8Array, stated: string): string | null {
  const text = bufferOf(octets).toString("latin1", 0, LOOKED_AT);
  let count = 0;
  for (const { 0: line, 1: boundary = "", index } of text.matchAll(LINE)) {
    if (++count > MOST_LINES) return null;
    const end = index + line.length;
    if (FIELD.test(text.slice(end, end + LONGEST_FIELD))) return boundary;
    // What is named as it stands was looked for before.
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
