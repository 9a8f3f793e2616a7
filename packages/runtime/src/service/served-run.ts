import type { Leases, Ledger, Spool } from "@mailonce/core";
import { defined } from "../account/defined.ts";
import type { AccountSettings } from "../account/settings.ts";
import { FirstRun, type FirstRunStore } from "../ledger/first-run.ts";
import type { Addresses } from "../ledger/ports.ts";
import type { FormerNames } from "../ledger/rename-maildrop.ts";
import type { LoginDoubt } from "../login/login-doubt.ts";
import type { LoginMemory } from "../login/login-memory.ts";
import type { Logins } from "../login/logins.ts";
import type { Tokens } from "../oauth2/tokens.ts";
import { accountFailure } from "../run/account-failure.ts";
import { accountOptions, type RunOptions, type TokensOf } from "../run/account-options.ts";
import { type AccountReport, notRun } from "../run/account-run.ts";
import { fetchAccount } from "../run/fetch-account.ts";
import type { AccountHealth, Plan } from "../schedule/account-health.ts";
import { type RunResult, runResult } from "../schedule/run-result.ts";
import type { KnownOffer } from "../session/known-offer.ts";
import { ChildSignal } from "../system/child-signal.ts";
import type { Environment } from "../system/environment.ts";
import type { ServiceObserver } from "./observers.ts";
import type { Standings } from "./ports.ts";

/** The part of a store that serving accounts needs. */
export interface ServiceStore extends Ledger, Leases, FirstRunStore, FormerNames {
  readonly addresses: Addresses;
  readonly logins: Logins;
  readonly standings: Standings;
  readonly tokens: Pick<Tokens, "find">;
}

/** What {@link servedRun} needs of the service. */
export interface ServedRunParts {
  readonly store: ServiceStore;
  readonly spool: Spool;
  readonly env: Environment;
  /** Has access tokens for accounts that log in by OAuth 2. */
  readonly tokens?: TokensOf;
  readonly logins: LoginMemory;
  readonly observer?: ServiceObserver;
  /** Ends the run: what is committed stays. */
  readonly signal: AbortSignal;
}

/** An account that is served, and what is worked out of its settings once. */
export interface Served {
  readonly settings: AccountSettings;
  readonly plan: Plan;
  readonly options: RunOptions;
  /** From session to session, as long as the settings stay. */
  readonly offer: KnownOffer;
}

/** What came of one run. */
interface ServedRun {
  readonly report: AccountReport;
  readonly result: RunResult;
  /** Whether the maildrop's address was noted. */
  readonly hasNoted: boolean;
  /** Octets of the messages that were stored. */
  readonly octets: number;
  /** What the server wants between two logins, in milliseconds, as far as it said now or before. */
  readonly loginDelayMs: number;
}

/** A pause between logins that is longer than this ends a run rather than hold its place. */
const SHORT_LOGIN_DELAY_MS = 5000;

/** Makes one run of the account. What makes it fail is part of the result. */
export async function servedRun(
  { settings, options, offer }: Served,
  { lastSuccess, ...before }: AccountHealth,
  { store, spool, env, tokens, logins, observer, signal: parent }: ServedRunParts,
): Promise<ServedRun> {
  using child = new ChildSignal(parent);
  const { signal } = child;
  let responseCode: string | null = null;
  let doubt: LoginDoubt | null = null;
  let octets = 0;
  let { loginDelayMs } = before;
  const firstRun = new FirstRun(store, settings.account, settings.apart, lastSuccess !== null);
  const ended = (report: AccountReport): ServedRun => ({
    report,
    result: runResult(report, responseCode, doubt),
    hasNoted: firstRun.hasClaimed,
    octets,
    loginDelayMs,
  });
  try {
    const run = fetchAccount({
      ...(await accountOptions(settings, { env, signal, ...defined({ tokens }) })),
      ...options,
      offer,
      store,
      spool,
      logins,
      firstRun,
      onLogin: (login) => {
        responseCode = login.refused?.responseCode ?? null;
        loginDelayMs = login.loginDelayMs ?? loginDelayMs;
        observer?.loggedIn?.(settings, login);
      },
      onDoubt: (found) => {
        doubt = found;
      },
      oneLogin: () => loginDelayMs > SHORT_LOGIN_DELAY_MS,
    });
    for await (const outcomes of run.blocks()) {
      for (const outcome of outcomes) if (outcome.kind === "stored") octets += outcome.octets ?? 0;
      observer?.outcomes?.(settings, outcomes);
    }
    if (run.report.error !== null) offer.forget();
    return ended(run.report);
  } catch (error) {
    const { account } = settings;
    return ended({ maildrop: account.maildrop, ...notRun(accountFailure(error, account)) });
  }
}
