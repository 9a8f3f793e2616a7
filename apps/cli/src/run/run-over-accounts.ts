import { accountFailure, FailureError, failureOf } from "@mailonce/runtime";
import { type AccountSettings, type Configuration, DEFAULT_CONFIGURATION } from "@mailonce/runtime/config";
import { AccountConnections } from "../accounts/account-connections.ts";
import { findAccountsFile } from "../accounts/accounts-file.ts";
import { chooseAccounts } from "../accounts/choose-accounts.ts";
import { type MailOptions, withOptions } from "../accounts/mail-options.ts";
import { watchInterrupt } from "../input/interrupt.ts";
import type { Invocation } from "../input/invocation.ts";
import { writeStack } from "../output/debug.ts";
import { EXIT, type ExitCode } from "../output/exit-code.ts";
import { JsonReporter } from "../output/json-reporter.ts";
import { OutputClosedError, OutputFailedError } from "../output/terminal.ts";
import type { TextReporter } from "../output/text-reporter.ts";
import { AccountRuns, type AccountRunsParts, type RunKind } from "./account-runs.ts";
import { criteriaOf } from "./criteria-of.ts";
import { eachAtOnce } from "./each-at-once.ts";
import { EarlyConnections } from "./early-connections.ts";
import { Reports } from "./reports.ts";

/**
 * Runs over the accounts, several at once, reports each, and gives the worst exit code. What happens to one account
 * stops no other. With `--json` each maildrop gets its summary, and the last line is one.
 *
 * @param open opens what all runs share; it is disposed of at the end. The signal is aborted by who ends the command
 */
export async function runOverAccounts(
  places: readonly string[],
  options: MailOptions,
  invocation: Invocation,
  text: TextReporter,
  open: (configuration: Configuration | null, signal: AbortSignal) => Promise<RunKind>,
): Promise<ExitCode> {
  const { terminal, env } = invocation;
  const reporter = options.json === true ? new JsonReporter(terminal) : text;
  const reports = new Reports(reporter, terminal, options.maildrop);
  using interrupt = watchInterrupt(terminal);
  const { signal } = interrupt;
  try {
    await criteriaOf(options);
    const configuration = await findAccountsFile(options, env);
    const chosen = chooseAccounts(places, options.maildrop, configuration);
    reports.expect(chosen.map(({ account }) => account.maildrop));
    const accounts = chosen.map((settings) => withOptions(settings, options));
    const connections = new AccountConnections({ invocation, signal, configuration, options });
    // Passwords are asked for before the database is opened, which may make one: without a password nothing is done.
    const passwords = await askPasswords(accounts, connections, reports, invocation, signal);
    if (passwords.size > 0) {
      const reach: AccountRunsParts["reach"] = (settings, tokens) =>
        connections.options(settings, {
          tokens,
          askPassword: () => passwords.get(settings) ?? "",
          // Where there are several accounts, lines about one say about which.
          wireName: passwords.size > 1 ? settings.name : null,
        });
      const atOnce = options.concurrency ?? (configuration ?? DEFAULT_CONFIGURATION).concurrency;
      const first = [...passwords.keys()].slice(0, atOnce);
      using early = new EarlyConnections(first, (settings) =>
        reach(settings, connections.tokens(settings, null)),
      );
      await using kind = await open(configuration, signal);
      const shared = { kind, options, invocation, signal, configuration };
      const runs = new AccountRuns({ ...shared, reach, early, reports });
      await eachAtOnce([...passwords.keys()], atOnce, async (settings) => {
        signal.throwIfAborted();
        await runs.serve(settings);
      });
    }
  } catch (error) {
    // Whoever reads standard output went away: the run is not complete, and there is nobody to be told.
    if (error instanceof OutputClosedError) return EXIT.interrupted;
    if (error instanceof OutputFailedError) throw error;
    const failure = failureOf(error);
    await reports.fail(failure, error);
    if (failure.kind === "usage") terminal.note(`Try: mailonce ${text.command} --help`);
    writeStack(error, invocation);
  }
  return reports.close();
}

/**
 * Asks for the passwords, one after the other, and gives the accounts that may be run with them; null for one that is not
 * asked for. An account that there is none for gets its report at once.
 * @throws why the signal was aborted; FailureError where there is but one account
 */
async function askPasswords(
  accounts: readonly AccountSettings[],
  connections: AccountConnections,
  reports: Reports,
  invocation: Invocation,
  signal: AbortSignal,
): Promise<ReadonlyMap<AccountSettings, string | null>> {
  const passwords = new Map<AccountSettings, string | null>();
  for (const settings of accounts) {
    try {
      const isAsked = settings.login.kind === "ask";
      passwords.set(settings, isAsked ? await connections.password(settings) : null);
    } catch (error) {
      if (signal.aborted || (accounts.length === 1 && error instanceof FailureError)) throw error;
      writeStack(error, invocation);
      await reports.notRun(settings.account.maildrop, accountFailure(error, settings.account));
    }
  }
  return passwords;
}
