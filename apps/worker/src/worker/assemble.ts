import type { Spool } from "@mailonce/core";
import type { Store } from "@mailonce/runtime";
import type { Configuration, Environment } from "@mailonce/runtime/config";
import { AccountTokens } from "@mailonce/runtime/oauth2";
import {
  AccountService,
  AnswersInTime,
  allOf,
  HangWatch,
  OutboxDeliverer,
  OutboxService,
  PauseWatch,
  Peers,
  type RunQueue,
  type ServiceObserver,
} from "@mailonce/runtime/service";
import type { ConfigurationSource } from "../accounts/configuration-source.ts";
import { ServedAccounts } from "../accounts/served-accounts.ts";
import { HookLog } from "../log/hook-log.ts";
import type { Logger } from "../log/log.ts";
import { notices } from "../log/notices.ts";
import { RunLog } from "../log/run-log.ts";
import { Metrics } from "../status/metrics.ts";
import { type Phase, WorkerState } from "../status/worker-state.ts";

/** What a worker is made of that is opened before it, and closed after it. */
export interface WorkerParts {
  readonly source: ConfigurationSource;
  readonly configuration: Configuration;
  readonly queue: RunQueue;
  readonly store: Store;
  readonly spool: Spool;
  readonly env: Environment;
  readonly log: Logger;
  readonly tracing: ServiceObserver | null;
}

/** All that a worker has at work. Nothing of it does anything yet. */
export type Assembly = ReturnType<typeof assemble>;

/**
 * Makes and connects all that a worker has at work. `phase` tells in which phase the worker is; `signal` breaks the runs
 * and deliveries off.
 */
export function assemble(parts: WorkerParts, phase: () => Phase, signal: AbortSignal) {
  const { store, spool, env, log, configuration, queue } = parts;
  const answers = new AnswersInTime(store);
  const say = notices(log);
  const hooks = new HookLog(log, env);
  const hang = new HangWatch(queue);
  const hasSharedQueue = configuration.worker.queue !== null;
  const peers = new Peers({ workers: store.workers, hasSharedQueue, onStranger: say.stranger });
  const pauses = new PauseWatch({
    standings: store.standings,
    isServed: (maildrop) => served.all.has(maildrop),
    onPaused: say.paused,
    onResumed: say.resumed,
  });
  const metrics = new Metrics(() => state.snapshot());
  let outbox: OutboxService | null = null;
  const kick: ServiceObserver = {
    ended: (settings, { report }) => {
      if (report.counts.stored > 0 && settings.hooks.length > 0) outbox?.kick();
    },
  };
  const tokens = new AccountTokens({ env, signal, tokens: store.tokens, tokenKey: configuration.tokenKey });
  const observer = allOf([new RunLog(log), metrics, pauses, kick, parts.tracing ?? {}]);
  const service = new AccountService({ store, spool, env, signal, tokens: tokens.of, observer });
  const served: ServedAccounts = new ServedAccounts({
    ...parts,
    accounts: store.accounts,
    service,
    onChange: async (accounts) => {
      state.serves(accounts.keys());
      await hooks.check(accounts.values());
    },
  });
  const state = new WorkerState({ answers, queue, served, hooks, peers, hang, phase });
  const deliverer = new OutboxDeliverer({
    store,
    env,
    signal,
    hook: (maildrop, name) => served.hook(maildrop, name),
    longestMs: () => served.longestHookMs,
    onAttempt: (entry, result) => {
      metrics.delivered(entry, result);
      hooks.attempted(entry, result);
    },
  });
  /** Begins to deliver. */
  const startOutbox = (): OutboxService => {
    outbox = new OutboxService({
      deliverer,
      outbox: store.outbox,
      keepMs: () => served.configuration.worker.keepDeliveredMs,
      onPruned: say.pruned,
      onFailure: say.outboxFailed,
    });
    return outbox;
  };
  return { answers, deliverer, hang, hooks, metrics, pauses, peers, served, service, startOutbox, state };
}
