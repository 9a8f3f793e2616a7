import type { Counts } from "@mailonce/core";
import {
  type Account,
  type AccountReport,
  type AccountRun,
  EXIT,
  type ExitCode,
  type Failure,
  failureOf,
  worstExitCode,
} from "@mailonce/runtime";
import { readAccounts, readCertificates } from "./accounts.ts";
import { type ConnectionOptions, connectionOptions } from "./connection-options.ts";
import { watchInterrupt } from "./interrupt.ts";
import type { UnnamedReport } from "./json-lines.ts";
import { Passwords } from "./password.ts";
import type { Invocation } from "./program.ts";
import { JsonReporter, type Reporter, type TextReporter } from "./reporter.ts";
import { OutputClosedError, OutputFailedError } from "./terminal.ts";

/** The options that the commands on accounts have in common. */
export interface MailOptions extends ConnectionOptions {
  readonly database?: string;
  readonly json?: boolean;
  readonly passwordStdin?: boolean;
  readonly ca?: string;
  readonly maildrop?: string;
}

/** What a run on one account needs from the command line. */
interface AccountSettings extends ReturnType<typeof connectionOptions> {
  readonly account: Account;
  readonly credentials: { readonly user: string; readonly password: string };
  readonly tls?: { readonly ca: string };
  readonly signal: AbortSignal;
}

/** Makes the run of one account. */
type StartRun = (settings: AccountSettings) => AccountRun;

const NOTHING: Counts = { new: 0, stored: 0, known: 0, skipped: 0, rebound: 0, deferred: 0, failed: 0 };

/**
 * Runs over the accounts one after another, reports each, and gives the worst exit code. Whatever happens, with
 * `--json` each maildrop gets its summary, and the last line is one.
 *
 * @param open opens what all runs share; `close` is called at the end
 */
export async function runOverAccounts(
  urls: readonly string[],
  options: MailOptions,
  invocation: Invocation,
  text: TextReporter,
  open: () => Promise<{ readonly start: StartRun; readonly close: () => Promise<void> }>,
): Promise<ExitCode> {
  const { terminal, env, stdin, stderr } = invocation;
  const reporter: Reporter = options.json === true ? new JsonReporter(terminal) : text;
  using interrupt = watchInterrupt(terminal);
  const { signal } = interrupt;
  const exitCodes: ExitCode[] = [];
  let waiting: readonly (string | null)[] = [options.maildrop ?? null];
  const finish = async (report: AccountReport): Promise<void> => {
    waiting = waiting.slice(1);
    exitCodes.push(report.exitCode);
    await reporter.end(report);
  };
  try {
    const named = readAccounts(urls, options.maildrop);
    waiting = named.map(({ account }) => account?.maildrop ?? options.maildrop ?? null);
    const accounts = named.map((each) => {
      if (each.account === null) throw each.error;
      return each.account;
    });
    const tls = options.ca === undefined ? {} : { tls: { ca: await readCertificates(options.ca) } };
    const connection = connectionOptions(options, invocation, signal);
    const passwords = new Passwords({
      passwordStdin: options.passwordStdin === true,
      env,
      stdin,
      stderr,
      signal,
    });
    // Before anything is opened or made: without a password there is nothing to do.
    const password = new Map<Account, string>();
    for (const account of accounts) password.set(account, await passwords.of(account.maildrop));
    const { start, close } = await open();
    try {
      for (const account of accounts) {
        signal.throwIfAborted();
        const credentials = { user: account.user, password: password.get(account) ?? "" };
        const run = start({ account, credentials, ...tls, ...connection, signal });
        {
          using _progress = reporter.begin(run);
          for await (const outcome of run) await reporter.outcome(run, outcome);
        }
        await finish(run.report);
      }
    } finally {
      await close();
    }
  } catch (error) {
    // The reader went away: the messages are not all there, and there is nobody to tell.
    if (error instanceof OutputClosedError) return EXIT.interrupted;
    if (error instanceof OutputFailedError) throw error;
    const failure = failureOf(error);
    await reporter.failed(
      failure,
      waiting.map((maildrop) => notRun(maildrop, failure)),
    );
    if (failure.exitCode === EXIT.usage) terminal.note(`Try: mailonce ${text.command} --help`);
    if (env["MAILONCE_DEBUG"] === "1" && error instanceof Error) stderr.write(`${error.stack}\n`);
    exitCodes.push(failure.exitCode);
  }
  return worstExitCode(exitCodes);
}

/** The report of a maildrop that never had its turn. */
function notRun(maildrop: string | null, { code, message, exitCode }: Failure): UnnamedReport {
  return { maildrop, counts: NOTHING, warnings: [], left: 0, exitCode, error: { code, message } };
}
