import { type Counts, compileCriteria } from "@mailonce/core";
import {
  type AccountOptions,
  type AccountReport,
  type AccountRun,
  type AccountSettings,
  AccountTokens,
  accountFailure,
  accountOptions,
  type Configuration,
  type Ending,
  type Failure,
  FailureError,
  FirstRun,
  failureOf,
  LoginMemory,
  reachServer,
  refuseToFetchAgain,
  type Store,
  worstEnding,
} from "@mailonce/runtime";
import { type CommonOptions, findAccountsFile } from "../accounts/accounts-file.ts";
import { chooseAccounts } from "../accounts/choose-accounts.ts";
import { EXIT, type ExitCode } from "../exit-code.ts";
import { watchInterrupt } from "../input/interrupt.ts";
import type { Invocation } from "../input/invocation.ts";
import { Passwords } from "../input/passwords.ts";
import { checkedPins } from "../input/pin-option.ts";
import { checkedProxy } from "../input/proxy-option.ts";
import type { UnnamedReport } from "../output/json-lines.ts";
import { JsonReporter, type Reporter, type TextReporter } from "../output/reporter.ts";
import { OutputClosedError, OutputFailedError } from "../output/terminal.ts";
import { wireLog } from "../output/wire-log.ts";

/** The options that the commands on accounts have in common. */
export interface MailOptions extends CommonOptions {
  readonly passwordStdin?: boolean;
  readonly ca?: string;
  /** Fingerprints, as they were typed. */
  readonly pin?: readonly string[];
  readonly maildrop?: string;
  readonly concurrency?: number;
  /** In ms. */
  readonly timeout?: number;
  readonly proxy?: string;
  readonly verbose?: boolean;
  /** The same mailbox may be fetched into another maildrop, too. */
  readonly apart?: boolean;
  /** Criteria, instead of the account's own. */
  readonly where?: string;
}

/** What all runs of a command share. */
export interface Shared {
  /** Null: there is no database yet. */
  readonly store: Store | null;
  /** Makes the run of one account. */
  readonly start: (settings: AccountSettings, options: AccountOptions) => AccountRun;
  /** Told of each account whose run came to its end without an error. */
  readonly ended?: (settings: AccountSettings) => Promise<unknown>;
  readonly close: () => Promise<void>;
}

const NOTHING: Counts = { new: 0, stored: 0, known: 0, skipped: 0, rebound: 0, deferred: 0, failed: 0 };

const DEFAULT_CONCURRENCY = 4;

/**
 * Runs over the accounts, several at once, reports each, and gives the worst exit code. What happens to one account
 * stops no other. With `--json` each maildrop gets its summary, and the last line is one.
 *
 * @param open opens what all runs share; its `close` is called at the end
 */
export async function runOverAccounts(
  places: readonly string[],
  options: MailOptions,
  invocation: Invocation,
  text: TextReporter,
  open: (configuration: Configuration | null) => Promise<Shared>,
): Promise<ExitCode> {
  const { terminal, env, stdin, stderr } = invocation;
  const reporter: Reporter = options.json === true ? new JsonReporter(terminal) : text;
  using interrupt = watchInterrupt(terminal);
  const { signal } = interrupt;
  const endings: Ending[] = [];
  /** The maildrops that have no report yet. */
  let waiting: readonly (string | null)[] = [options.maildrop ?? null];
  const finish = async (report: AccountReport): Promise<void> => {
    waiting = waiting.filter((maildrop) => maildrop !== report.maildrop);
    endings.push(report.ending);
    await reporter.end(report);
  };
  const debug = (error: unknown): void => {
    if (env["MAILONCE_DEBUG"] === "1" && error instanceof Error) stderr.write(`${error.stack}\n`);
  };
  try {
    if (options.where !== undefined) compileCriteria(options.where);
    const configuration = await findAccountsFile(options, env);
    const chosen = chooseAccounts(places, options.maildrop, configuration);
    waiting = chosen.map(({ account }) => account.maildrop);
    reporter.expect(chosen.map(({ account }) => account.maildrop));
    const passwords = new Passwords({
      passwordStdin: options.passwordStdin === true,
      env,
      stdin,
      stderr,
      signal,
    });
    // One question after the other, and before anything is opened or made: without a password there is nothing to do.
    const asked = new Map<AccountSettings, string>();
    const ready: AccountSettings[] = [];
    for (const settings of chosen.map((each) => withOptions(each, options))) {
      try {
        if (settings.login.kind === "ask") {
          if (passwords.willAsk) await reachServer(settings.account, await lineOptions(settings));
          asked.set(settings, await passwords.of(settings.account.maildrop));
        }
        ready.push(settings);
      } catch (error) {
        if (signal.aborted || (chosen.length === 1 && error instanceof FailureError)) throw error;
        debug(error);
        await finish(notRun(settings.account.maildrop, accountFailure(error, settings.account)));
      }
    }
    if (ready.length > 0) await serveAll(configuration, ready, asked, passwords);
  } catch (error) {
    // The reader went away: the messages are not all there, and there is nobody to tell.
    if (error instanceof OutputClosedError) return EXIT.interrupted;
    if (error instanceof OutputFailedError) throw error;
    const failure = failureOf(error);
    await reporter.failed(
      failure,
      waiting.map((maildrop) => notRun(maildrop, failure)),
      error,
    );
    if (failure.kind === "usage") terminal.note(`Try: mailonce ${text.command} --help`);
    debug(error);
    endings.push(failure.kind);
  }
  await reporter.close();
  return EXIT[worstEnding(endings)];

  function lineOptions(settings: AccountSettings): Promise<AccountOptions> {
    const tell = (line: string): void => terminal.note(`mailonce: ${settings.name}: ${line}`);
    return accountOptions(settings, { env, signal, tell });
  }

  async function serveAll(
    configuration: Configuration | null,
    ready: readonly AccountSettings[],
    asked: ReadonlyMap<AccountSettings, string>,
    passwords: Passwords,
  ): Promise<void> {
    const { store, start, ended, close } = await open(configuration);
    try {
      const tell = (line: string): void => terminal.note(`mailonce: ${line}`);
      const tokens = new AccountTokens({
        env,
        signal,
        tell,
        tokens: store?.tokens ?? null,
        tokenKey: configuration?.tokenKey ?? null,
      });
      const logins = new LoginMemory(async () => store?.logins ?? null);
      const serve = async (settings: AccountSettings): Promise<void> => {
        let run: AccountRun;
        try {
          const made = await accountOptions(settings, {
            env,
            signal,
            tell: (line) => tell(`${settings.name}: ${line}`),
            onWire: options.verbose ? wireLog(terminal, ready.length > 1 ? settings.name : null) : undefined,
            askPassword: () => asked.get(settings) ?? "",
            isTyped: passwords.areTyped,
            tokens: tokens.of,
          });
          if (store !== null && options.maildrop === undefined)
            await refuseToFetchAgain(store, settings, maildropsOf(configuration));
          // Whoever has no password leaves no trace in the ledger. It is asked for once only.
          if (settings.login.kind === "password" && typeof made.credentials === "function")
            await made.credentials(null);
          const apart = settings.apart || options.apart === true;
          const firstRun = store === null ? null : new FirstRun(store, settings.account, apart);
          run = start(settings, { ...made, logins, firstRun });
        } catch (error) {
          signal.throwIfAborted();
          debug(error);
          return finish(notRun(settings.account.maildrop, accountFailure(error, settings.account)));
        }
        {
          using _progress = reporter.begin(run);
          for await (const outcome of run) await reporter.outcome(run, outcome);
        }
        if (run.report.error === null) await ended?.(settings);
        await finish(run.report);
      };
      const atOnce = options.concurrency ?? configuration?.concurrency ?? DEFAULT_CONCURRENCY;
      await eachOf(ready, atOnce, async (settings) => {
        signal.throwIfAborted();
        await serve(settings);
      });
    } finally {
      await close();
    }
  }
}

/** The maildrops that accounts have. */
function maildropsOf(configuration: Configuration | null): readonly string[] {
  return configuration?.accounts.map(({ account }) => account.maildrop) ?? [];
}

/** Does the work for each, at most so many at once; a failure is passed on when all that had begun have ended. */
async function eachOf<T>(
  items: readonly T[],
  atOnce: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const left = items.values();
  const ended = await Promise.allSettled(
    Array.from({ length: Math.min(atOnce, items.length) }, async () => {
      for (const item of left) await work(item);
    }),
  );
  for (const one of ended) if (one.status === "rejected") throw one.reason;
}

/** What the command line says goes before what the accounts file says. */
export function withOptions(settings: AccountSettings, options: MailOptions): AccountSettings {
  const { ca, pin, passwordStdin, timeout, proxy, where } = options;
  return {
    ...settings,
    ...(where === undefined ? {} : { where }),
    ...(ca === undefined ? {} : { caFile: ca }),
    ...(pin === undefined
      ? {}
      : { trustedCertificates: checkedPins(pin), pinnedCertificates: [], pinnedPublicKeys: [] }),
    ...(proxy === undefined ? {} : { proxy: checkedProxy(proxy) }),
    ...(passwordStdin === true && settings.login.kind === "password"
      ? { login: { kind: "ask" } as const }
      : {}),
    ...(timeout === undefined ? {} : { timeouts: { connectMs: timeout, replyMs: timeout, idleMs: timeout } }),
  };
}

/** The report of a maildrop that never had its turn. */
function notRun<T extends string | null>(
  maildrop: T,
  { code, message, kind }: Failure,
): UnnamedReport & { readonly maildrop: T } {
  return { maildrop, counts: NOTHING, warnings: [], left: 0, ending: kind, error: { code, message } };
}
