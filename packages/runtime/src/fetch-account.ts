import { type Criteria, checkMaildrop, fetchMaildrop, type MessageStore, type Spool } from "@mailonce/core";
import { AccountRun } from "./account-run.ts";
import type { Account } from "./account-url.ts";
import { defaultRestartPolicy, type RestartPolicy } from "./restart.ts";
import { openSession } from "./session.ts";

/** How to reach the account and when to stop. */
export interface AccountOptions {
  readonly account: Account;
  readonly password: string;
  /** Certificates in PEM that are trusted besides Node's own list. */
  readonly ca?: string;
  /** At most so many messages in all runs of this invocation; the lowest message numbers first. */
  readonly limit?: number;
  /** Ends the run; what is committed stays, what was under way comes next time. */
  readonly signal?: AbortSignal;
}

/** What a fetch needs besides. */
export interface FetchOptions extends AccountOptions {
  /** What to do when a session breaks. */
  readonly restart?: RestartPolicy;
  readonly store: MessageStore;
  readonly spool: Spool;
  readonly criteria?: Criteria | null;
  /** Larger messages are deferred. Default 100 MiB. */
  readonly maxOctets?: number;
}

/** What a check needs besides. */
export interface CheckOptions extends AccountOptions {
  /** Null: there is no database yet, so everything is new. */
  readonly store: MessageStore | null;
}

/** Stores what is new in one maildrop, over as many sessions as it takes. Nothing happens until it is iterated. */
export function fetchAccount(options: FetchOptions): AccountRun {
  const { account, store, spool, criteria = null, limit, signal, maxOctets } = options;
  return accountRun(options, (session, { stored, retries }) =>
    fetchMaildrop({
      session,
      store,
      spool,
      maildrop: account.maildrop,
      criteria,
      ...(maxOctets === undefined ? {} : { maxOctets }),
      ...(limit === undefined ? {} : { limit: Math.max(0, limit - stored) }),
      ...(retries ? { only: "retries" as const } : {}),
      ...(signal === undefined ? {} : { signal }),
    }),
  );
}

/** Tells what is new in one maildrop, by headers only; changes nothing. Nothing happens until it is iterated. */
export function checkAccount(options: CheckOptions): AccountRun {
  const { account, store, limit, signal } = options;
  // Another run would name all that is new once more.
  const once = { ...options, restart: { ...defaultRestartPolicy, restarts: 0 } };
  return accountRun(once, (session) =>
    checkMaildrop({
      session,
      store,
      maildrop: account.maildrop,
      ...(limit === undefined ? {} : { limit }),
      ...(signal === undefined ? {} : { signal }),
    }),
  );
}

function accountRun(
  options: AccountOptions & Pick<FetchOptions, "restart">,
  start: ConstructorParameters<typeof AccountRun>[0]["start"],
): AccountRun {
  const { account, password, ca, signal, restart = defaultRestartPolicy } = options;
  return new AccountRun({
    account,
    open: () =>
      openSession(account, {
        password,
        ...(ca === undefined ? {} : { ca }),
        ...(signal === undefined ? {} : { signal }),
      }),
    start,
    restart,
    signal,
  });
}
