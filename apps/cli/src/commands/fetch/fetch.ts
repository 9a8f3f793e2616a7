import { fetchAccount, noteAddress, runOptions } from "@mailonce/runtime";
import type { MailOptions } from "../../accounts/mail-options.ts";
import type { Invocation } from "../../input/invocation.ts";
import type { ExitCode } from "../../output/exit-code.ts";
import { criteriaOf } from "../../run/criteria-of.ts";
import { indexMeanwhile } from "../../run/index-meanwhile.ts";
import { runOverAccounts } from "../../run/run-over-accounts.ts";
import { waitOptions } from "../../run/wait-options.ts";
import { openLedger } from "../../store/open-store.ts";
import { FetchReporter } from "./fetch-reporter.ts";

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
  return runOverAccounts(places, options, invocation, reporter, async (configuration, signal) => {
    const ledger = await openLedger(options, invocation, configuration);
    const { store, spool } = ledger;
    const indexing = indexMeanwhile(store, configuration, terminal, signal);
    return {
      store,
      [Symbol.asyncDispose]: async () => {
        await indexing[Symbol.asyncDispose]();
        await ledger[Symbol.asyncDispose]();
      },
      start: async (settings, made) =>
        fetchAccount({
          ...made,
          ...runOptions(settings, await criteriaOf(settings), options),
          ...waitOptions(options, settings.account, invocation),
          store,
          spool,
        }),
      ended: ({ account }) => noteAddress(store, account),
    };
  });
}
