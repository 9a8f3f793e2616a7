import {
  baselineMaildrop,
  type Criteria,
  checkMaildrop,
  fetchMaildrop,
  type MessageStore,
  type Spool,
} from "@mailonce/core";
import { AccountRun, type AccountRunParts } from "./account-run.ts";
import type { Account } from "./account-url.ts";
import { defined } from "./defined.ts";
import { holdLease } from "./lease.ts";
import { defaultRestartPolicy, type RestartPolicy } from "./restart.ts";
import { openSession, type SessionOptions } from "./session.ts";

/** How to reach the account; the signal ends the run: what is committed stays, what was under way comes next time. */
export interface AccountOptions extends SessionOptions {
  readonly account: Account;
}

/** What those need besides who write to the ledger. They take the maildrop's lease before they connect. */
interface LedgerOptions extends AccountOptions {
  /** What to do when a session breaks. */
  readonly restart?: RestartPolicy;
  readonly store: MessageStore;
  readonly spool: Spool;
  /** Milliseconds to wait while another process works on the maildrop; null: as long as it takes. Default 0. */
  readonly wait?: number | null;
  /** Told once, when it begins to wait: for whom, in words for people. */
  readonly onWaiting?: (holder: string) => void;
}

/** What a baseline needs. */
export interface BaselineOptions extends LedgerOptions {}

/** What a fetch needs. */
export interface FetchOptions extends LedgerOptions {
  /** At most so many messages in all runs of this invocation; the lowest message numbers first. */
  readonly limit?: number;
  readonly criteria?: Criteria | null;
  /** Larger messages are deferred. Default 100 MiB. */
  readonly maxOctets?: number;
}

/** What a check needs. */
export interface CheckOptions extends AccountOptions {
  /** At most so many messages; the lowest message numbers first. */
  readonly limit?: number;
  /** Null: there is no database yet, so everything is new. */
  readonly store: MessageStore | null;
}

/** Stores what is new in one maildrop, over as many sessions as it takes. Nothing happens until it is iterated. */
export function fetchAccount(options: FetchOptions): AccountRun {
  const { account, store, spool, criteria = null, limit, maxOctets } = options;
  const start: Start = (session, { stored, retries, leaseToken, signal }) =>
    fetchMaildrop({
      session,
      store,
      spool,
      maildrop: account.maildrop,
      criteria,
      leaseToken,
      ...(maxOctets === undefined ? {} : { maxOctets }),
      ...(limit === undefined ? {} : { limit: Math.max(0, limit - stored) }),
      ...(retries ? { only: "retries" as const } : {}),
      ...(signal === undefined ? {} : { signal }),
    });
  return accountRun(options, { start, hold: leaseOf(options) });
}

/**
 * Marks everything that is now in one maildrop as known without storing it; the report says how many. Nothing happens
 * until it is iterated.
 */
export function baselineAccount(options: BaselineOptions): AccountRun {
  const { account, store, spool } = options;
  const start: Start = (session, { leaseToken, signal }) =>
    baselineMaildrop({
      session,
      store,
      spool,
      maildrop: account.maildrop,
      leaseToken,
      ...(signal === undefined ? {} : { signal }),
    });
  return accountRun(options, { start, hold: leaseOf(options), baselines: true });
}

/** Tells what is new in one maildrop, by headers only; changes nothing. Nothing happens until it is iterated. */
export function checkAccount(options: CheckOptions): AccountRun {
  const { account, store, limit } = options;
  // Another run would name all that is new once more.
  const once = { ...options, restart: { ...defaultRestartPolicy, restarts: 0 } };
  const start: Start = (session, { signal }) =>
    checkMaildrop({
      session,
      store,
      maildrop: account.maildrop,
      ...(limit === undefined ? {} : { limit }),
      ...(signal === undefined ? {} : { signal }),
    });
  return accountRun(once, { start, hold: null });
}

type Start = AccountRunParts["start"];

function leaseOf({ account, store, wait, onWaiting, signal }: LedgerOptions): AccountRunParts["hold"] {
  return () => holdLease(store, account.maildrop, { wait, onWaiting, signal });
}

function accountRun(
  options: AccountOptions & Pick<FetchOptions, "restart">,
  parts: Pick<AccountRunParts, "start" | "hold" | "baselines">,
): AccountRun {
  const { account, restart = defaultRestartPolicy, signal: wish } = options;
  return new AccountRun({
    ...parts,
    account,
    open: (signal) => openSession(account, { ...options, ...defined({ signal }) }),
    restart,
    signal: wish,
  });
}
