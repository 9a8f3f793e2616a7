import type { Outcome } from "@mailonce/core";
import type { AccountReport, Failure } from "@mailonce/runtime";
import type { UnnamedReport } from "./json-lines.ts";
import type { Terminal } from "./terminal.ts";

/** Tells people or programs what a fetch or a check does. */
export interface Reporter {
  /** The maildrops that there will be reports of. */
  expect(maildrops: readonly string[]): void;
  /** Lines about this maildrop that are held back; they are shown above the progress of its run. */
  heldBack(maildrop: string): readonly string[];
  /** The outcomes of one commit. What standard output gets of them is written at once. */
  outcomes(maildrop: string, outcomes: readonly Outcome[]): Promise<void>;
  /** A run has ended, or could not begin. */
  end(report: AccountReport): Promise<void>;
  /** The command failed; these maildrops have not had their turn. */
  failed(failure: Failure, reports: readonly UnnamedReport[], error: unknown): Promise<void>;
  /** Nothing more is to come. */
  close(): Promise<void>;
}

/** Tells people the warnings and the error of a run. */
export function noteTroubles(terminal: Terminal, { maildrop, warnings, error }: AccountReport): void {
  for (const { message } of warnings) terminal.note(`mailonce: ${maildrop}: warning: ${message}`);
  if (error !== null) terminal.note(`mailonce: ${maildrop}: ${error.message}`);
}
