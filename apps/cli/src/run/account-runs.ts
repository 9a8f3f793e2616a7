import {
  type AccountOptions,
  type AccountRun,
  accountFailure,
  FirstRun,
  LoginMemory,
  refuseToFetchAgain,
  type Store,
} from "@mailonce/runtime";
import type { AccountSettings, Configuration } from "@mailonce/runtime/config";
import type { AccountTokens } from "@mailonce/runtime/oauth2";
import { accountTokens } from "../accounts/account-tokens.ts";
import type { MailOptions } from "../accounts/mail-options.ts";
import type { Invocation } from "../input/invocation.ts";
import { writeStack } from "../output/debug.ts";
import type { EarlyConnections } from "./early-connections.ts";
import type { Reports } from "./reports.ts";

/** What the runs of one command do, and what they share. */
export interface RunKind extends AsyncDisposable {
  /** Null: there is no database yet. */
  readonly store: Store | null;
  /** Makes the run of one account. */
  readonly start: (settings: AccountSettings, options: AccountOptions) => AccountRun | Promise<AccountRun>;
  /** Told of each account whose run came to its end without an error. */
  readonly ended?: (settings: AccountSettings) => Promise<unknown>;
}

export interface AccountRunsParts {
  readonly kind: RunKind;
  readonly options: MailOptions;
  readonly invocation: Invocation;
  readonly signal: AbortSignal;
  readonly configuration: Configuration | null;
  /** Makes the options by which a run reaches an account. */
  readonly reach: (settings: AccountSettings, tokens: AccountTokens) => Promise<AccountOptions>;
  /** Has those of the accounts that were connected to already. */
  readonly early: EarlyConnections;
  readonly reports: Reports;
}

/** Runs over the accounts of a command: each run is told of while it goes on, and reported when it has ended. */
export class AccountRuns {
  readonly #parts: AccountRunsParts;
  readonly #tokens: AccountTokens;
  readonly #logins: LoginMemory;

  constructor(parts: AccountRunsParts) {
    const { invocation, signal, configuration, kind } = parts;
    this.#parts = parts;
    this.#tokens = accountTokens(invocation, signal, configuration, kind.store?.tokens ?? null);
    this.#logins = new LoginMemory(async () => kind.store?.logins ?? null);
  }

  /**
   * Runs over one account. What goes wrong with it stands in its report.
   * @throws why the signal was aborted; OutputClosedError, OutputFailedError
   */
  async serve(settings: AccountSettings): Promise<void> {
    try {
      await this.#serve(settings);
    } finally {
      this.#parts.early.close(settings);
    }
  }

  async #serve(settings: AccountSettings): Promise<void> {
    const { kind, invocation, signal, reports } = this.#parts;
    let run: AccountRun;
    try {
      run = await this.#start(settings);
    } catch (error) {
      signal.throwIfAborted();
      writeStack(error, invocation);
      return reports.notRun(settings.account.maildrop, accountFailure(error, settings.account));
    }
    await reports.follow(run);
    if (run.report.error === null) await kind.ended?.(settings);
    await reports.end(run.report);
  }

  async #start(settings: AccountSettings): Promise<AccountRun> {
    const { kind, options, configuration, reach, early } = this.#parts;
    const { store } = kind;
    const made = await (early.optionsOf(settings) ?? reach(settings, this.#tokens));
    if (store !== null && options.maildrop === undefined) {
      const maildrops = configuration?.accounts.map(({ account }) => account.maildrop) ?? [];
      await refuseToFetchAgain(store, settings, maildrops);
    }
    // The password is read before the run begins, so that an account without one leaves no trace in the ledger.
    if (settings.login.kind === "password" && typeof made.credentials === "function")
      await made.credentials(null);
    const apart = settings.apart || options.apart === true;
    const firstRun = store === null ? undefined : new FirstRun(store, settings.account, apart);
    return kind.start(settings, { ...made, logins: this.#logins, firstRun });
  }
}
