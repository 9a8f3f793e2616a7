import type { Outcome } from "@mailonce/core";
import { type AccountReport, type AccountRun, EXIT, type Failure } from "@mailonce/runtime";
import { jsonLine, outcomeLine, summaryLine, type UnnamedReport } from "./json-lines.ts";
import { showProgress } from "./progress-line.ts";
import { safeLine } from "./safe-text.ts";
import type { Terminal } from "./terminal.ts";

/** Tells people or programs what a fetch or a check does. */
export interface Reporter {
  /** A run begins; its progress is shown until the result is disposed of. */
  begin(run: AccountRun): Disposable;
  outcome(run: AccountRun, outcome: Outcome): Promise<void>;
  /** A run has ended. */
  end(report: AccountReport): Promise<void>;
  /** The command failed; these maildrops have not had their turn. */
  failed(failure: Failure, reports: readonly UnnamedReport[]): Promise<void>;
}

/** JSON Lines on standard output, for programs; people still get errors and warnings on standard error. */
export class JsonReporter implements Reporter {
  readonly #terminal: Terminal;

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
  }

  begin(run: AccountRun): Disposable {
    return showProgress(this.#terminal, () => run.progress);
  }

  outcome(run: AccountRun, outcome: Outcome): Promise<void> {
    return this.#terminal.write(jsonLine(outcomeLine(run.maildrop, outcome)));
  }

  async end(report: AccountReport): Promise<void> {
    await this.#terminal.write(jsonLine(summaryLine(report)));
    noteTroubles(this.#terminal, report);
  }

  async failed(failure: Failure, reports: readonly UnnamedReport[]): Promise<void> {
    this.#terminal.note(`mailonce: ${failure.message}`);
    for (const report of reports) await this.#terminal.write(jsonLine(summaryLine(report)));
  }
}

/** Lines and sentences for people; how an outcome reads is the command's own matter. */
export abstract class TextReporter implements Reporter {
  abstract readonly command: string;
  protected readonly terminal: Terminal;

  constructor(terminal: Terminal) {
    this.terminal = terminal;
  }

  begin(run: AccountRun): Disposable {
    return showProgress(this.terminal, () => run.progress);
  }

  abstract outcome(run: AccountRun, outcome: Outcome): Promise<void>;

  /** The sentence with the totals. */
  protected abstract totals(report: AccountReport): string;

  async end(report: AccountReport): Promise<void> {
    // Where nothing was done, the failure says it all.
    const { counts, baselined = 0, exitCode, error } = report;
    const done = [baselined, ...Object.values(counts)].some((count) => count > 0);
    const idle = error !== null && exitCode !== EXIT.interrupted && !done;
    if (!idle) await this.terminal.line(safeLine(this.totals(report)));
    noteTroubles(this.terminal, report);
  }

  async failed(failure: Failure): Promise<void> {
    this.terminal.note(`mailonce: ${failure.message}`);
  }

  /** One line for a message that did not come. */
  protected trouble(run: AccountRun, outcome: Extract<Outcome, { kind: "deferred" | "failed" }>): void {
    const { kind, messageNumber, reason } = outcome;
    this.terminal.note(`mailonce: ${run.maildrop}: message ${messageNumber} ${kind}: ${reason.message}`);
  }
}

function noteTroubles(terminal: Terminal, { maildrop, warnings, error }: AccountReport): void {
  for (const { message } of warnings) terminal.note(`mailonce: ${maildrop}: warning: ${message}`);
  if (error !== null) terminal.note(`mailonce: ${maildrop}: ${error.message}`);
}
