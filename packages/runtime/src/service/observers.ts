import type { Outcome } from "@mailonce/core";
import type { AccountSettings } from "../account/settings.ts";
import type { AccountReport } from "../run/account-run.ts";
import type { AccountHealth } from "../schedule/account-health.ts";
import type { RunResult } from "../schedule/run-result.ts";
import type { LoginFacts } from "../session/account-session.ts";

/** Is called when something happens, for logs and metrics. */
export interface ServiceObserver {
  began?(settings: AccountSettings): void;
  loggedIn?(settings: AccountSettings, login: LoginFacts): void;
  /** The outcomes of one commit, at least one. */
  outcomes?(settings: AccountSettings, outcomes: readonly Outcome[]): void;
  ended?(settings: AccountSettings, end: RunEnd): void;
  /** A pause ended because the login settings are no longer those that were refused. */
  resumed?(settings: AccountSettings): void;
}

/** How one run of an account ended. */
export interface RunEnd {
  readonly report: AccountReport;
  readonly result: RunResult;
  /** False: it failed before it could begin. */
  readonly began: boolean;
  readonly ms: number;
  /** Octets of the messages that were stored. */
  readonly octets: number;
  readonly health: AccountHealth;
  /** When the account is due again; null: it is paused. */
  readonly due: number | null;
}

/** One observer that calls several, in their order. */
export function allOf(observers: readonly ServiceObserver[]): ServiceObserver {
  return {
    began: (settings) => {
      for (const one of observers) one.began?.(settings);
    },
    loggedIn: (settings, login) => {
      for (const one of observers) one.loggedIn?.(settings, login);
    },
    outcomes: (settings, outcomes) => {
      for (const one of observers) one.outcomes?.(settings, outcomes);
    },
    ended: (settings, end) => {
      for (const one of observers) one.ended?.(settings, end);
    },
    resumed: (settings) => {
      for (const one of observers) one.resumed?.(settings);
    },
  };
}
