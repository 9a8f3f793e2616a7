import { setTimeout as delay } from "node:timers/promises";
import {
  Attempts,
  baselineMaildrop,
  type Criteria,
  checkMaildrop,
  fetchMaildrop,
  type Leases,
  type Ledger,
  type OnFirstListing,
  type Spool,
} from "@mailonce/core";
import type { Account } from "../account/account-url.ts";
import { defined } from "../account/defined.ts";
import type { FirstRun } from "../ledger/first-run.ts";
import { holdLease, type Lease } from "../ledger/lease.ts";
import type { LastingSecret } from "../login/lasting-secret.ts";
import type { LoginDoubt } from "../login/login-doubt.ts";
import type { LoginMemory } from "../login/login-memory.ts";
import { LoginWitness } from "../login/login-witness.ts";
import { openSession, type SessionOptions } from "../session/account-session.ts";
import { AccountRun, type AccountRunParts } from "./account-run.ts";
import { defaultRestartPolicy, type RestartPolicy } from "./restart.ts";

/** How to reach the account. The signal ends the run: what is committed stays, the rest comes next time. */
export interface AccountOptions extends SessionOptions {
  readonly account: Account;
  /** True for servers that no longer list what was retrieved in a session that ended with QUIT (Gmail). Remembered. */
  readonly retrievalHides?: boolean;
  /** Least time between two logins of one invocation; none if absent. */
  readonly loginIntervalMs?: number;
  /** What its credentials are made of, if that lasts. If absent, it may be another secret each time. */
  readonly secret?: LastingSecret | undefined;
  /** Knows which login worked before. Nothing is remembered if absent. */
  readonly logins?: LoginMemory | undefined;
  /** Keeps a mailbox from being fetched into two maildrops. Nobody does if absent. */
  readonly firstRun?: FirstRun | undefined;
  /** Called when a login that worked before is refused without a reason. */
  readonly onDoubt?: (doubt: LoginDoubt) => void;
}

/** Options of runs that write to the ledger, such as a baseline. They take the maildrop's lease before they log in. */
export interface BaselineAccountOptions extends AccountOptions {
  /** What to do when a session breaks. */
  readonly restart?: RestartPolicy;
  readonly store: Ledger & Leases;
  readonly spool: Spool;
  /** How many milliseconds to wait while another process works on the maildrop; null: without end. 0 if absent. */
  readonly wait?: number | null;
  /** Called once when it begins to wait, with who works on the maildrop in words for people. */
  readonly onWaiting?: (holder: string) => void;
  /** Asked before a second session. True: the server wants a longer pause between logins, so there is to be none. */
  readonly oneLogin?: () => boolean;
}

/** What a fetch needs. */
export interface FetchAccountOptions extends BaselineAccountOptions {
  /** At most so many messages in all sessions of this invocation, the lowest message numbers first. */
  readonly limit?: number;
  readonly criteria?: Criteria | null;
  /** Larger messages are deferred. Default 100 MiB. */
  readonly maxOctets?: number;
  /** The names of the hooks that are to be notified of each stored message. */
  readonly hooks?: readonly string[];
}

/** What a check needs. */
export interface CheckAccountOptions extends AccountOptions {
  /** At most so many messages; the lowest message numbers first. */
  readonly limit?: number;
  readonly criteria?: Criteria | null;
  /** Null: there is no database yet, so everything is new. */
  readonly store: Ledger | null;
}

/** Stores what is new in one maildrop, over as many sessions as it takes. Nothing happens until it is iterated. */
export function fetchAccount(options: FetchAccountOptions): AccountRun {
  const { account, store, spool, criteria = null, limit, maxOctets, retrievalHides, hooks = [] } = options;
  // A message that breaks several sessions of this fetch counts as failed once (the core's rule 20).
  const attempts = new Attempts();
  const start: Start = (session, { stored, retries, lease, signal }) =>
    fetchMaildrop({
      session,
      store,
      spool,
      maildrop: account.maildrop,
      criteria,
      hooks,
      attempts,
      lease,
      ...defined({ maxOctets, retrievalHides, signal, onFirstListing: onFirstListing(options, true) }),
      ...(limit === undefined ? {} : { limit: Math.max(0, limit - stored) }),
      ...(retries ? { only: "retries" as const } : {}),
    });
  return accountRun(options, { start, hold: () => holdMaildrop(options) });
}

/**
 * Marks everything that is now in one maildrop as known without storing it; the report says how many. Nothing happens
 * until it is iterated.
 */
export function baselineAccount(options: BaselineAccountOptions): AccountRun {
  const { account, store, spool } = options;
  const start: Start = (session, { lease, signal }) =>
    baselineMaildrop({
      session,
      store,
      spool,
      maildrop: account.maildrop,
      lease,
      ...defined({ signal, onFirstListing: onFirstListing(options, true) }),
    });
  return accountRun(options, { start, hold: () => holdMaildrop(options), baselines: true });
}

/** Lists what is new in one maildrop, by headers only, and changes nothing. Nothing happens until it is iterated. */
export function checkAccount(options: CheckAccountOptions): AccountRun {
  const { account, store, criteria = null, limit } = options;
  // No restart: another run would list all that is new once more.
  const once = { ...options, restart: { ...defaultRestartPolicy, restarts: 0 } };
  const start: Start = (session, { signal }) =>
    checkMaildrop({
      session,
      store,
      maildrop: account.maildrop,
      criteria,
      ...defined({ limit, signal, onFirstListing: onFirstListing(options, false) }),
    });
  return accountRun(once, { start, hold: null });
}

/** Takes the lease of the account's maildrop. */
async function holdMaildrop(options: BaselineAccountOptions): Promise<Lease> {
  const onWaiting = (holder: string): void => {
    // That may take long, and the server has its places for others.
    options.early?.close();
    options.onWaiting?.(holder);
  };
  const lease = await holdLease(options.store, options.account.maildrop, { ...options, onWaiting });
  options.firstRun?.under(lease);
  return lease;
}

type Start = AccountRunParts["start"];

/** What asks, at a maildrop's first listing, whether another maildrop holds the same mail. */
function onFirstListing({ firstRun }: AccountOptions, writes: boolean): OnFirstListing | undefined {
  return firstRun === undefined ? undefined : (sample) => firstRun.listed(sample, writes);
}

function accountRun(
  options: AccountOptions & Pick<FetchAccountOptions, "restart" | "oneLogin">,
  parts: Pick<AccountRunParts, "start" | "hold" | "baselines">,
): AccountRun {
  const { account, restart = defaultRestartPolicy, signal: wish } = options;
  const witness = new LoginWitness({ ...options, writes: parts.hold !== null });
  const { credentials } = witness;
  let asked: Promise<void> | undefined;
  return new AccountRun({
    ...parts,
    account,
    open: paced(options, async (signal) => {
      asked ??= options.firstRun?.before();
      await asked;
      return witness.around(() => openSession(account, { ...options, credentials, ...defined({ signal }) }));
    }),
    // The login is noted under the lease.
    settled: () => witness.settled(),
    restart,
    signal: wish,
    oneLogin: options.oneLogin,
  });
}

/** Opens sessions with the least time between the end of one login and the beginning of the next. */
function paced(
  { loginIntervalMs = 0 }: AccountOptions,
  open: AccountRunParts["open"],
): AccountRunParts["open"] {
  let next = 0;
  return async (signal) => {
    const pause = next - performance.now();
    if (pause > 0) await delay(pause, undefined, defined({ signal }));
    try {
      return await open(signal);
    } finally {
      next = performance.now() + loginIntervalMs;
    }
  };
}
