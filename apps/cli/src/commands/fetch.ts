import type { Outcome } from "@mailonce/core";
import { type AccountReport, type AccountRun, type ExitCode, fetchAccount } from "@mailonce/runtime";
import { formatCount, formatNumber, formatOctets } from "../format.ts";
import { openLedger, waitSettings } from "../ledger-settings.ts";
import { type MailOptions, runOverAccounts } from "../mail-run.ts";
import { messageColumns, shortId } from "../message-columns.ts";
import type { Invocation } from "../program.ts";
import { TextReporter } from "../reporter.ts";

/** The options of fetch. */
export interface FetchMailOptions extends MailOptions {
  readonly limit?: number;
  readonly maxOctets?: number;
  readonly wait?: number | "ever";
}

/** `mailonce fetch URL…` */
export function fetchMail(
  urls: readonly string[],
  options: FetchMailOptions,
  invocation: Invocation,
): Promise<ExitCode> {
  const { terminal, env } = invocation;
  return runOverAccounts(urls, options, invocation, new FetchReporter(terminal), async () => {
    const { store, spool, close } = await openLedger(options.database, env);
    const { limit, maxOctets } = options;
    return {
      start: (settings) =>
        fetchAccount({
          ...settings,
          ...waitSettings(options, settings.account, invocation),
          ...(limit === undefined ? {} : { limit }),
          ...(maxOctets === undefined ? {} : { maxOctets }),
          store,
          spool,
        }),
      close,
    };
  });
}

/** One line for each message that is stored, and the totals. */
class FetchReporter extends TextReporter {
  readonly command = "fetch";
  #octets = 0;

  async outcome(run: AccountRun, outcome: Outcome): Promise<void> {
    switch (outcome.kind) {
      case "stored":
        this.#octets += outcome.octets ?? 0;
        await this.terminal.line(
          messageColumns({ ...outcome.header, octets: outcome.octets }, [shortId(outcome.id)], this.terminal),
        );
        break;
      case "rebound":
        await this.terminal.line(
          `message ${outcome.messageNumber} is known under another unique-id${
            outcome.id === null ? "" : `: ${shortId(outcome.id)}`
          }`,
        );
        break;
      case "deferred":
      case "failed":
        this.trouble(run, outcome);
        break;
      default:
    }
  }

  protected totals({ maildrop, counts, left, error }: AccountReport): string {
    const octets = this.#octets;
    this.#octets = 0;
    const size = counts.stored === 0 ? "" : ` (${formatOctets(octets)})`;
    const parts = [
      `${formatCount(counts.stored, "message")} stored${size}`,
      `${formatNumber(counts.known)} known`,
    ];
    if (counts.skipped > 0) parts.push(`${formatNumber(counts.skipped)} skipped`);
    if (counts.rebound > 0) parts.push(`${formatNumber(counts.rebound)} known under another unique-id`);
    if (counts.deferred > 0) parts.push(`${formatNumber(counts.deferred)} deferred`);
    if (counts.failed > 0) parts.push(`${formatNumber(counts.failed)} failed`);
    if (left > 0) parts.push(`${formatNumber(left)} more new`);
    const rest = error === null ? "" : " What is stored is kept; the rest comes next time.";
    return `${maildrop}: ${parts.join(", ")}.${rest}`;
  }
}
