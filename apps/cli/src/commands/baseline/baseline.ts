import { type AccountReport, baselineAccount, noteAddress } from "@mailonce/runtime";
import type { MailOptions } from "../../accounts/mail-options.ts";
import type { Invocation } from "../../input/invocation.ts";
import type { ExitCode } from "../../output/exit-code.ts";
import { formatCount, formatNumber } from "../../output/format.ts";
import { TextReporter } from "../../output/text-reporter.ts";
import { runOverAccounts } from "../../run/run-over-accounts.ts";
import { waitOptions } from "../../run/wait-options.ts";
import { openLedger } from "../../store/open-store.ts";

interface BaselineCommandOptions extends MailOptions {
  readonly wait?: number | "ever";
}

/** `mailonce baseline [ACCOUNT…]` */
export function markAsKnown(
  places: readonly string[],
  options: BaselineCommandOptions,
  invocation: Invocation,
): Promise<ExitCode> {
  const { terminal } = invocation;
  const reporter = new BaselineReporter(terminal);
  return runOverAccounts(places, options, invocation, reporter, async (configuration) => {
    const ledger = await openLedger(options, invocation, configuration);
    const { store, spool } = ledger;
    return {
      ...ledger,
      start: (settings, made) =>
        baselineAccount({ ...made, ...waitOptions(options, settings.account, invocation), store, spool }),
      ended: ({ account }) => noteAddress(store, account),
    };
  });
}

/** Tells the totals, and each message that could not be marked as known. */
class BaselineReporter extends TextReporter {
  readonly command = "baseline";

  protected linesOf(): readonly string[] {
    return [];
  }

  protected totals({ maildrop, counts, baselined = 0, error }: AccountReport): string {
    const parts = [
      `${formatCount(baselined, "message")} marked as known`,
      `${formatNumber(counts.known)} known already`,
    ];
    if (counts.failed > 0) parts.push(`${formatNumber(counts.failed)} could not be marked`);
    // Where nothing was marked the error says what to do.
    const rest = error === null || baselined === 0 ? "" : " Run it again for the rest.";
    return `${maildrop}: ${parts.join(", ")}.${rest}`;
  }

  protected grandTotals(reports: readonly AccountReport[]): string {
    const marked = reports.reduce((sum, { baselined = 0 }) => sum + baselined, 0);
    return `${formatCount(marked, "message")} marked as known`;
  }
}
