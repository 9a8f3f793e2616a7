import { columnsOf } from "@mailonce/content/columns";
import { safeLine } from "./safe-text.ts";

/** Columns that a line may take before it is cut around the place. */
const COLUMNS = 100;
/** Columns kept before the place. */
const BEFORE = 50;

/** A text as a line for people, and a second line with a caret under the place in it. */
export function caretLines(text: string, position: number): readonly [string, string] {
  // Making text safe joins runs of white space, which moves the place: so the text before it is made safe by itself.
  let before = safeLine(`${text.slice(0, position)}|`).slice(0, -1);
  let after = safeLine(`|${text.slice(position)}`).slice(1);
  if (columnsOf(before) > BEFORE && columnsOf(before + after) > COLUMNS)
    before = `…${[...before].slice(1 - BEFORE).join("")}`;
  if (columnsOf(before + after) > COLUMNS) after = `${[...after].slice(0, COLUMNS - BEFORE - 1).join("")}…`;
  return [`  ${before}${after}`, `  ${" ".repeat(columnsOf(before))}^`];
}
