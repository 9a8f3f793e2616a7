import { CriteriaSyntaxError, type Outcome } from "@mailonce/core";
import type { AccountReport, AccountRun, Failure } from "@mailonce/runtime";
import { caretLines } from "./caret.ts";
import { formatCount } from "./format.ts";
import { outcomeLine, summaryLine, type UnnamedReport } from "./json-lines.ts";
import { LongOutput } from "./long-output.ts";
import { MaildropLabels } from "./maildrop-labels.ts";
import { noteError } from "./note-error.ts";
import { ProgressLines } from "./progress-lines.ts";
import { safeLine } from "./safe-text.ts";
import type { Terminal } from "./terminal.ts";

/** Tells people or programs what a fetch or a check does. */
export interface Reporter {
  /** The maildrops that there will be reports of. */
  expect(maildrops: readonly string[]): void;
  /** A run begins; its progress is shown until the result is disposed of. */
  begin(run: AccountRun): Disposable;
  outcome(run: AccountRun, outcome: Outcome): Promise<void>;
  /** A run has ended, or could not begin. */
  end(report: AccountReport): Promise<void>;
  /** The command failed; these maildrops have not had their turn. */
  failed(failure: Failure, reports: readonly UnnamedReport[], error: unknown): Promise<void>;
  /** Nothing more is to come. */
  close(): Promise<void>;
}

/** JSON Lines on standard output, for programs; people still get errors and warnings on standard error. */
export class JsonReporter implements Reporter {
  readonly #terminal: Terminal;
  readonly #progress: ProgressLines;

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
    this.#progress = new ProgressLines(terminal);
  }

  expect(maildrops: readonly string[]): void {
    this.#progress.expect(maildrops);
  }

  begin(run: AccountRun): Disposable {
    return this.#progress.show(run.maildrop, () => run.progress);
  }

  outcome(run: AccountRun, outcome: Outcome): Promise<void> {
    return this.#terminal.json(outcomeLine(run.maildrop, outcome));
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

/** Lines and sentences for people; how an outcome reads is the command's own matter. */
export abstract class TextReporter implements Reporter {
  abstract readonly command: string;
  protected readonly terminal: Terminal;
  /** Lines about single messages. */
  protected readonly lines: LongOutput;
  readonly #progress: ProgressLines;
  readonly #reports: AccountReport[] = [];
  #labels: MaildropLabels;
  /** How many had not had their turn when the command failed. */
  #notBegun = 0;

  /** @param whole true: every line about a message is written, however many there are */
  constructor(terminal: Terminal, whole = true) {
    this.terminal = terminal;
    this.lines = new LongOutput(terminal, whole);
    this.#labels = new MaildropLabels(terminal, []);
    this.#progress = new ProgressLines(terminal);
  }

  expect(maildrops: readonly string[]): void {
    this.#labels = new MaildropLabels(this.terminal, maildrops);
    this.#progress.expect(maildrops);
  }

  begin(run: AccountRun): Disposable {
    return this.#progress.show(
      run.maildrop,
      () => run.progress,
      () => this.lines.last(run.maildrop),
    );
  }

  abstract outcome(run: AccountRun, outcome: Outcome): Promise<void>;

  /** The sentence with the totals. */
  protected abstract totals(report: AccountReport): string;

  /** The sentence with the totals of several, less how many failed; null if there is nothing to say. */
  protected abstract grandTotals(reports: readonly AccountReport[]): string | null;

  /** What begins a line where there are several accounts: the one that it is about; nothing where there is one. */
  protected label(maildrop: string): readonly string[] {
    return this.#labels.of(maildrop);
  }

  async end(report: AccountReport): Promise<void> {
    this.#reports.push(report);
    await this.lines.end(report.maildrop);
    // Where nothing was done, the failure says it all.
    const { counts, baselined = 0, ending, error } = report;
    const done = [baselined, ...Object.values(counts)].some((count) => count > 0);
    const idle = error !== null && ending !== "interrupted" && !done;
    if (!idle) await this.terminal.line(safeLine(this.totals(report)));
    noteTroubles(this.terminal, report);
  }

  async failed(failure: Failure, reports: readonly UnnamedReport[], error: unknown): Promise<void> {
    this.#notBegun = reports.length;
    noteFailure(this.terminal, failure, error);
  }

  async close(): Promise<void> {
    const accounts = this.#reports.length + this.#notBegun;
    // Where no account had its turn, the failure has said it all.
    if (this.#reports.length === 0 || accounts < 2) return;
    const sentence = this.grandTotals(this.#reports);
    if (sentence === null) return;
    const interrupted = this.#reports.filter(({ ending }) => ending === "interrupted").length;
    const failed = this.#reports.filter(({ error }) => error !== null).length - interrupted;
    const parts = [
      ...(failed === 0 ? [] : [`${formatCount(failed, "account")} failed`]),
      ...(interrupted === 0 ? [] : [`${formatCount(interrupted, "account")} interrupted`]),
      ...(this.#notBegun === 0 ? [] : [`${formatCount(this.#notBegun, "account")} not begun`]),
    ];
    await this.terminal.line(`${[`${formatCount(accounts, "account")}: ${sentence}`, ...parts].join(", ")}.`);
  }

  /** One line for a message that did not come. */
  protected trouble(run: AccountRun, outcome: Extract<Outcome, { kind: "deferred" | "failed" }>): void {
    const { kind, messageNumber, reason } = outcome;
    this.terminal.note(`mailonce: ${run.maildrop}: message ${messageNumber} ${kind}: ${reason.message}`);
  }
}

/** Says what went wrong. An accounts file may be wrong in several places: each has its line. */
export function noteFailure(terminal: Terminal, failure: Failure, error: unknown): void {
  noteError(terminal, error, failure.message);
  if (error instanceof CriteriaSyntaxError && error.query.trim() !== "")
    terminal.verbatim(caretLines(error.query, error.position));
}

function noteTroubles(terminal: Terminal, { maildrop, warnings, error }: AccountReport): void {
  for (const { message } of warnings) terminal.note(`mailonce: ${maildrop}: warning: ${message}`);
  if (error !== null) terminal.note(`mailonce: ${maildrop}: ${error.message}`);
}
