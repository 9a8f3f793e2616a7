import {
  type AccountReport,
  checkAccount,
  databaseUrl,
  openExistingDatabase,
  runOptions,
} from "@mailonce/runtime";
import type { MailOptions } from "../../accounts/mail-options.ts";
import type { Invocation } from "../../input/invocation.ts";
import type { ExitCode } from "../../output/exit-code.ts";
import { formatNumber, uniqueIdText } from "../../output/format.ts";
import { columnHeads, messageColumns } from "../../output/message-columns.ts";
import { fit, safeLine } from "../../output/safe-text.ts";
import { type LineOutcome, TextReporter } from "../../output/text-reporter.ts";
import { criteriaOf } from "../../run/criteria-of.ts";
import { runOverAccounts } from "../../run/run-over-accounts.ts";

interface CheckCommandOptions extends MailOptions {
  readonly limit?: number;
}

/** `mailonce check [ACCOUNT…]` */
export function checkMail(
  places: readonly string[],
  options: CheckCommandOptions,
  invocation: Invocation,
): Promise<ExitCode> {
  const { terminal, env } = invocation;
  const reporter = new CheckReporter(terminal);
  return runOverAccounts(places, options, invocation, reporter, async (configuration) => {
    const store = await openExistingDatabase(databaseUrl(env, options.database, configuration), env);
    return {
      store,
      start: async (settings, made) =>
        checkAccount({ ...made, ...runOptions(settings, await criteriaOf(settings), options), store }),
      [Symbol.asyncDispose]: async () => store?.[Symbol.asyncDispose](),
    };
  });
}

const NUMBER_COLUMNS = 7;
const UNIQUE_ID_COLUMNS = 18;

/** A table of what is new, and the totals. */
class CheckReporter extends TextReporter {
  readonly command = "check";
  #rows = 0;

  protected linesOf(maildrop: string, outcome: LineOutcome): readonly string[] {
    if (outcome.kind !== "new") return [];
    const { terminal } = this;
    const text = uniqueIdText(outcome.uniqueId) ?? "";
    const row = messageColumns(
      { ...outcome.header, octets: outcome.octets },
      [
        ...this.label(maildrop),
        number(String(outcome.messageNumber)),
        uniqueId(safeLine(text), terminal.columns),
      ],
      terminal,
    );
    if (this.#rows++ > 0) return [row];
    const first = [...this.label("ACCOUNT"), number("NUMBER"), uniqueId("UNIQUE-ID", terminal.columns)];
    return [terminal.bold(columnHeads(first, terminal)), row];
  }

  protected totals({ maildrop, counts, left, error }: AccountReport): string {
    const more = left > 0 ? ` and ${formatNumber(left)} more` : "";
    const parts = [`${formatNumber(counts.new)} new${more}`, `${formatNumber(counts.known)} known`];
    if (counts.skipped > 0) parts.push(`${formatNumber(counts.skipped)} skipped`);
    if (counts.waiting > 0) parts.push(`${formatNumber(counts.waiting)} waiting`);
    if (counts.deferred > 0) parts.push(`${formatNumber(counts.deferred)} deferred`);
    if (counts.failed > 0) parts.push(`${formatNumber(counts.failed)} failed`);
    return `${maildrop}: ${parts.join(", ")}${error === null ? "" : " so far"}.`;
  }

  protected grandTotals(reports: readonly AccountReport[]): string {
    return `${formatNumber(reports.reduce((sum, { counts, left }) => sum + counts.new + left, 0))} new`;
  }
}

function number(text: string): string {
  return text.padStart(NUMBER_COLUMNS);
}

/** On a terminal it is cut, so that the subject fits; elsewhere it is whole. */
function uniqueId(text: string, columns: number): string {
  return columns === Number.POSITIVE_INFINITY ? text.padEnd(UNIQUE_ID_COLUMNS) : fit(text, UNIQUE_ID_COLUMNS);
}
