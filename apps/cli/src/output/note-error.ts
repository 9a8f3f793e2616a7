import { CriteriaSyntaxError } from "@mailonce/core";
import { type Failure, FailureError } from "@mailonce/runtime";
import { caretLines } from "./caret.ts";
import { safeLine } from "./safe-text.ts";
import type { Terminal } from "./terminal.ts";

/**
 * Tells people what went wrong, on standard error: what an error of ours says, with its details, or else the message.
 * An accounts file may be wrong in several places: each has its line.
 */
export function noteError(terminal: Terminal, error: unknown, message: string): void {
  const ours = error instanceof FailureError ? error : null;
  for (const line of ours?.lines ?? [message]) terminal.note(`mailonce: ${line}`);
  terminal.verbatim((ours?.details ?? []).map((line) => `  ${line.split("  ").map(safeLine).join("  ")}`));
}

/** The same of a failure; in a query that cannot be understood, a caret shows the place. */
export function noteFailure(terminal: Terminal, failure: Failure, error: unknown): void {
  noteError(terminal, error, failure.message);
  if (error instanceof CriteriaSyntaxError && error.query.trim() !== "")
    terminal.verbatim(caretLines(error.query, error.position));
}
