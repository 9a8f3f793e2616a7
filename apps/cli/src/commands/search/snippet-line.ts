import { columnsOf } from "@mailonce/content/columns";
import type { Snippet } from "@mailonce/core/search";
import { cut, safeLine } from "../../output/safe-text.ts";
import type { Terminal } from "../../output/terminal.ts";

const INDENT = "    ";
/** Columns of a line where no terminal says how many there are. */
const WIDEST = 200;

/** The snippet in one line of the terminal, with what was found in bold. The text is made safe. */
export function snippetLine({ text, hits, isCutBefore, isCutAfter }: Snippet, terminal: Terminal): string {
  const safe = safeLine(text);
  // What is made safe keeps its places: each character that is not safe is replaced by one. If not, nothing is marked.
  const marks = safe.length === text.length ? hits : [];
  const room = Math.max(20, Math.min(terminal.columns, WIDEST) - INDENT.length - 2);
  const start = startFor(safe, marks[0]?.start ?? 0, room);
  const shown = cut(safe.slice(start), room);
  const end = start + (shown === safe.slice(start) ? shown.length : shown.lastIndexOf("…"));
  let line = "";
  let at = start;
  for (const hit of marks) {
    if (hit.end > end) break;
    line += safe.slice(at, hit.start) + terminal.bold(safe.slice(hit.start, hit.end));
    at = hit.end;
  }
  const rest = shown.slice(at - start);
  const before = isCutBefore || start > 0 ? "…" : "";
  const after = isCutAfter && !rest.includes("…", Math.max(0, rest.length - 2)) ? "…" : "";
  return `${INDENT}${before}${line}${rest}${after}`;
}

/** From where to show the text, so that the first hit is well within the room. */
function startFor(text: string, first: number, room: number): number {
  let start = 0;
  for (const character of text.slice(0, first)) {
    if (columnsOf(text.slice(start, first)) <= room / 2) break;
    start += character.length;
  }
  return start;
}
