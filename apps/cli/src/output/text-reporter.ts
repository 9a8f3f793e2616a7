import type { Outcome } from "@mailonce/core";
import type { AccountReport, Failure } from "@mailonce/runtime";
import { formatCount } from "./format.ts";
import type { UnnamedReport } from "./json-lines.ts";
import { LongOutput } from "./long-output.ts";
import { MaildropLabels } from "./maildrop-labels.ts";
import { noteFailure } from "./note-error.ts";
import { noteTroubles, type Reporter } from "./reporter.ts";
import { safeLine } from "./safe-text.ts";
import type { Terminal } from "./terminal.ts";

/** What became of a message that did not come. */
type Trouble = Extract<Outcome, { readonly kind: "deferred" | "failed" }>;

/** What became of a message that lines on standard output may tell of. */
export type LineOutcome = Exclude<Outcome, Trouble>;

/** Tells people in lines and sentences. What a line says of an outcome is for each command to define. */
export abstract class TextReporter implements Reporter {
  abstract readonly command: string;
  protected readonly terminal: Terminal;
  /** Lines about single messages. */
  readonly #lines: LongOutput;
  readonly #reports: AccountReport[] = [];
  #labels: MaildropLabels;
  /** How many had not had their turn when the command failed. */
  #notBegun = 0;

  /** @param whole true: every line about a message is written, however many there are */
  constructor(terminal: Terminal, whole = true) {
    this.terminal = terminal;
    this.#lines = new LongOutput(terminal, whole);
    this.#labels = new MaildropLabels(terminal, []);
  }

  expect(maildrops: readonly string[]): void {
    this.#labels = new MaildropLabels(this.terminal, maildrops);
  }

  heldBack(maildrop: string): readonly string[] {
    return this.#lines.last(maildrop);
  }

  async outcomes(maildrop: string, outcomes: readonly Outcome[]): Promise<void> {
    let lines: string[] = [];
    for (const outcome of outcomes) {
      if (outcome.kind === "deferred" || outcome.kind === "failed") {
        // Where both streams go to one terminal, each message stands in its place.
        await this.#lines.add(maildrop, lines);
        lines = [];
        this.#trouble(maildrop, outcome);
      } else lines.push(...this.linesOf(maildrop, outcome));
    }
    await this.#lines.add(maildrop, lines);
  }

  /** The lines about one message; none if it is only counted. */
  protected abstract linesOf(maildrop: string, outcome: LineOutcome): readonly string[];

  /** The sentence with the totals. */
  protected abstract totals(report: AccountReport): string;

  /** The sentence with the totals of several, less how many failed. */
  protected abstract grandTotals(reports: readonly AccountReport[]): string;

  /** What begins a line where there are several accounts: the one that it is about; nothing where there is one. */
  protected label(maildrop: string): readonly string[] {
    return this.#labels.of(maildrop);
  }

  async end(report: AccountReport): Promise<void> {
    this.#reports.push(report);
    await this.#lines.end(report.maildrop);
    // Where a run failed before it did anything there is nothing to sum up: its error is told below.
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
    // Without a single report the command's own failure has been told already.
    if (this.#reports.length === 0 || accounts < 2) return;
    const sentence = this.grandTotals(this.#reports);
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
  #trouble(maildrop: string, { kind, messageNumber, reason }: Trouble): void {
    this.terminal.note(`mailonce: ${maildrop}: message ${messageNumber} ${kind}: ${reason.message}`);
  }
}
