import { CriteriaSyntaxError } from "@mailonce/core";
import { type Failure, FailureError } from "@mailonce/runtime";
import { caretLines } from "./caret.ts";
import { safeLine } from "./safe-text.ts";
import type { Terminal } from "./terminal.ts";

/**
 * Tells people on standard error what went wrong. A FailureError says so itself, in several lines if need be, and may have
 * details; of any other error the given message is told.
 */
export function noteError(terminal: Terminal, error: unknown, message: string): void {
  const ours = error instanceof FailureError ? error : null;
  for (const line of ours?.lines ?? [message]) terminal.note(`mailonce: ${line}`);
  terminal.verbatim((ours?.details ?? []).map((line) => `  ${line.split("  ").map(safeLine).join("  ")}`));
}

/** Tells people of a failure; where a query cannot be understood, a caret shows the place. */
export function noteFailure(terminal: Terminal, failure: Failure, error: unknown): void {
  noteError(terminal, error, failure.message);
  if (error instanceof CriteriaSyntaxError && error.query.trim() !== "")
    terminal.verbatim(caretLines(error.query, error.position));
}
