import type { Outcome } from "@mailonce/core";
import type { AccountReport, Failure } from "@mailonce/runtime";
import { outcomeLine, summaryLine, type UnnamedReport } from "./json-lines.ts";
import { noteFailure } from "./note-error.ts";
import { noteTroubles, type Reporter } from "./reporter.ts";
import type { Terminal } from "./terminal.ts";

/** JSON Lines on standard output, for programs; people still get errors and warnings on standard error. */
export class JsonReporter implements Reporter {
  readonly #terminal: Terminal;

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
  }

  expect(): void {}

  heldBack(): readonly string[] {
    return [];
  }

  outcomes(maildrop: string, outcomes: readonly Outcome[]): Promise<void> {
    return this.#terminal.json(...outcomes.map((outcome) => outcomeLine(maildrop, outcome)));
  }

  async end(report: AccountReport): Promise<void> {
    await this.#terminal.json(summaryLine(report));
    noteTroubles(this.#terminal, report);
  }

  async failed(failure: Failure, reports: readonly UnnamedReport[], error: unknown): Promise<void> {
    noteFailure(this.#terminal, failure, error);
    for (const report of reports) await this.#terminal.json(summaryLine(report));
  }

  async close(): Promise<void> {}
}
