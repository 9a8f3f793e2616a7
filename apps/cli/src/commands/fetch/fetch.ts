import type { Outcome } from "@mailonce/core";
import {
  type AccountReport,
  type AccountRun,
  fetchAccount,
  noteAddress,
  runOptions,
} from "@mailonce/runtime";
import type { MailOptions } from "../../accounts/mail-options.ts";
import type { Invocation } from "../../input/invocation.ts";
import type { ExitCode } from "../../output/exit-code.ts";
import { formatCount, formatNumber, formatOctets } from "../../output/format.ts";
import { messageColumns, shortId } from "../../output/message-columns.ts";
import { TextReporter } from "../../output/text-reporter.ts";
import { runOverAccounts } from "../../run/run-over-accounts.ts";
import { waitOptions } from "../../run/wait-options.ts";
import { openLedger } from "../../store/open-store.ts";

interface FetchCommandOptions extends MailOptions {
  readonly limit?: number;
  readonly maxOctets?: number;
  readonly wait?: number | "ever";
}

/** `mailonce fetch [ACCOUNT…]` */
export function fetchMail(
  places: readonly string[],
  options: FetchCommandOptions,
  invocation: Invocation,
): Promise<ExitCode> {
  const { terminal } = invocation;
  const reporter = new FetchReporter(terminal, options.verbose === true);
  return runOverAccounts(places, options, invocation, reporter, async (configuration) => {
    const ledger = await openLedger(options, invocation, configuration);
    const { store, spool } = ledger;
    return {
      ...ledger,
      start: (settings, made) =>
        fetchAccount({
          ...made,
          ...runOptions(settings, options),
          ...waitOptions(options, settings.account, invocation),
          store,
          spool,
        }),
      ended: ({ account }) => noteAddress(store, account),
    };
  });
}

/** One line for each message that is stored, and the totals. */
class FetchReporter extends TextReporter {
  readonly command = "fetch";
  readonly #octets = new Map<string, number>();

  async outcome(run: AccountRun, outcome: Outcome): Promise<void> {
    switch (outcome.kind) {
      case "stored":
        this.#octets.set(run.maildrop, this.#octetsOf(run) + (outcome.octets ?? 0));
        await this.lines.add(
          run.maildrop,
          messageColumns(
            { ...outcome.header, octets: outcome.octets },
            [...this.label(run.maildrop), shortId(outcome.id)],
            this.terminal,
          ),
        );
        break;
      case "rebound": {
        const id = outcome.id === null ? "" : `: ${shortId(outcome.id)}`;
        const words = `message ${outcome.messageNumber} is known under another unique-id${id}`;
        await this.lines.add(run.maildrop, [...this.label(run.maildrop), words].join("  "));
        break;
      }
      case "deferred":
      case "failed":
        this.trouble(run, outcome);
        break;
      default:
    }
  }

  protected totals(report: AccountReport): string {
    const { maildrop, counts, left, error } = report;
    const size = counts.stored === 0 ? "" : ` (${formatOctets(this.#octetsOf(report))})`;
    const parts = [
      `${formatCount(counts.stored, "message")} stored${size}`,
      `${formatNumber(counts.known)} known`,
    ];
    if (counts.skipped > 0) parts.push(`${formatNumber(counts.skipped)} skipped`);
    if (counts.rebound > 0) parts.push(`${formatNumber(counts.rebound)} known under another unique-id`);
    if (counts.deferred > 0) parts.push(`${formatNumber(counts.deferred)} deferred`);
    if (counts.failed > 0) parts.push(`${formatNumber(counts.failed)} failed`);
    // New messages beyond the limit, and those that the run has not come to.
    if (left + counts.new > 0) parts.push(`${formatNumber(left + counts.new)} more new`);
    const rest = error === null ? "" : " What is stored is kept; the rest comes next time.";
    return `${maildrop}: ${parts.join(", ")}.${rest}`;
  }

  protected grandTotals(reports: readonly AccountReport[]): string {
    const stored = reports.reduce((sum, { counts }) => sum + counts.stored, 0);
    const octets = reports.reduce((sum, report) => sum + this.#octetsOf(report), 0);
    return `${formatCount(stored, "message")} stored${stored === 0 ? "" : ` (${formatOctets(octets)})`}`;
  }

  #octetsOf({ maildrop }: { readonly maildrop: string }): number {
    return this.#octets.get(maildrop) ?? 0;
  }
}
