import {
  type AccountReport,
  type AccountRun,
  type Ending,
  type Failure,
  notRun,
  worstEnding,
} from "@mailonce/runtime";
import { EXIT, type ExitCode } from "../output/exit-code.ts";
import { ProgressLines } from "../output/progress-lines.ts";
import type { Reporter } from "../output/reporter.ts";
import type { Terminal } from "../output/terminal.ts";

/** Sees to it that each account of a command gets one report, and makes the command's exit code of them. */
export class Reports {
  readonly #reporter: Reporter;
  readonly #progress: ProgressLines;
  readonly #endings: Ending[] = [];
  /** The maildrops that have no report yet; null: one whose name cannot be read. */
  #open: readonly (string | null)[];

  /** @param maildrop the one that `--maildrop` names: it gets a report even if the command fails before `expect` */
  constructor(reporter: Reporter, terminal: Terminal, maildrop: string | undefined) {
    this.#progress = new ProgressLines(terminal);
    this.#reporter = reporter;
    this.#open = [maildrop ?? null];
  }

  /** The maildrops that there will be reports of. */
  expect(maildrops: readonly string[]): void {
    this.#open = maildrops;
    this.#progress.expect(maildrops);
    this.#reporter.expect(maildrops);
  }

  /** Goes through a run: tells its outcomes, and shows its progress meanwhile. */
  async follow(run: AccountRun): Promise<void> {
    const { maildrop } = run;
    const above = (): readonly string[] => this.#reporter.heldBack(maildrop);
    using _progress = this.#progress.show(maildrop, () => run.progress, above);
    for await (const outcomes of run.blocks()) await this.#reporter.outcomes(maildrop, outcomes);
  }

  /** A run has ended. */
  async end(report: AccountReport): Promise<void> {
    this.#open = this.#open.filter((maildrop) => maildrop !== report.maildrop);
    this.#endings.push(report.ending);
    await this.#reporter.end(report);
  }

  /** There was no run of this account. */
  notRun(maildrop: string, failure: Failure): Promise<void> {
    return this.end({ maildrop, ...notRun(failure) });
  }

  /** The command failed: the accounts without a report get one that says so. */
  async fail(failure: Failure, error: unknown): Promise<void> {
    const reports = this.#open.map((maildrop) => ({ maildrop, ...notRun(failure) }));
    await this.#reporter.failed(failure, reports, error);
    this.#endings.push(failure.kind);
  }

  /** Nothing more is to come. Gives the exit code of the worst. */
  async close(): Promise<ExitCode> {
    await this.#reporter.close();
    return EXIT[worstEnding(this.#endings)];
  }
}
