import { setMaxListeners } from "node:events";
import { FailureError, type FileSpool, failureOf, type Store } from "@mailonce/runtime";
import type { Configuration, Environment } from "@mailonce/runtime/config";
import { AccountTokens } from "@mailonce/runtime/oauth2";
import {
  AccountService,
  OutboxDeliverer,
  type RunQueue,
  type ServiceObserver,
} from "@mailonce/runtime/service";
import { type ConfigurationSource, watchFile } from "../accounts/configuration-source.ts";
import { ServedAccounts } from "../accounts/served-accounts.ts";
import { HookLog } from "../log/hook-log.ts";
import type { Logger } from "../log/log.ts";
import { RunLog } from "../log/run-log.ts";
import { OutboxService } from "../outbox/outbox-service.ts";
import { ServiceManager } from "../process/service-manager.ts";
import { version } from "../process/version.ts";
import { DatabaseLook } from "../status/database-look.ts";
import { Metrics } from "../status/metrics.ts";
import { allOf } from "../status/observers.ts";
import { StatusServer } from "../status/status-server.ts";
import { WorkerState } from "../status/worker-state.ts";
import { accountsInWords, namesInWords, pauseInWords } from "../text/words.ts";
import { ClockWatch } from "../watch/clock-watch.ts";
import { HANGING, HangWatch } from "../watch/hang-watch.ts";
import { PauseWatch } from "../watch/pause-watch.ts";
import { Peers } from "../watch/peers.ts";

/** How often the database is asked for accounts that were added, removed, paused or resumed. */
const LOOK_MS = 3000;
/** After the time for a graceful end is over, so long for the runs that were told to break off. */
const BREAK_OFF_MS = 5000;

/** What a {@link Worker} is made of. */
export interface WorkerParts {
  readonly source: ConfigurationSource;
  readonly configuration: Configuration;
  readonly queue: RunQueue;
  readonly store: Store;
  readonly spool: FileSpool;
  readonly env: Environment;
  readonly log: Logger;
  readonly tracing: ServiceObserver | null;
}

/** One worker process: accounts, a queue, and what keeps them up to date. */
export class Worker implements AsyncDisposable {
  readonly #parts: WorkerParts;
  readonly #database: DatabaseLook;
  readonly #served: ServedAccounts;
  readonly #service: AccountService;
  readonly #deliverer: OutboxDeliverer;
  readonly #hooks: HookLog;
  readonly #pauses: PauseWatch;
  readonly #peers: Peers;
  readonly #hang: HangWatch;
  readonly #manager: ServiceManager | null;
  readonly #state: WorkerState;
  readonly #metrics: Metrics;
  readonly #breakOff = new AbortController();
  #outbox: OutboxService | null = null;
  #status: StatusServer | null = null;
  #phase: "starting" | "working" | "ending" = "starting";
  #unwatch: () => void = () => {};
  #timer: NodeJS.Timeout | undefined;
  /** What changes the accounts, one after the other. */
  #work: Promise<void> = Promise.resolve();
  #isLooking = false;

  constructor(parts: WorkerParts) {
    this.#parts = parts;
    const { store, spool, env, log, configuration, queue } = parts;
    const { signal } = this.#breakOff;
    // Every run listens to it.
    setMaxListeners(0, signal);
    this.#database = new DatabaseLook(store);
    this.#hooks = new HookLog(log, env);
    this.#hang = new HangWatch(queue);
    this.#manager = ServiceManager.of(env, log);
    this.#peers = new Peers({ store, hasSharedQueue: configuration.worker.queue !== null, log });
    this.#pauses = new PauseWatch({ store, isServed: (maildrop) => this.#served.all.has(maildrop), log });
    const kick: ServiceObserver = {
      ended: (settings, { report }) => {
        if (report.counts.stored > 0 && settings.hooks.length > 0) this.#outbox?.kick();
      },
    };
    this.#metrics = new Metrics(() => this.#state.snapshot());
    const tokens = new AccountTokens({ env, signal, tokens: store.tokens, tokenKey: configuration.tokenKey });
    const observers = [new RunLog(log), this.#metrics, this.#pauses, kick, parts.tracing ?? {}];
    this.#service = new AccountService({
      store,
      spool,
      env,
      signal,
      tokens: tokens.of,
      observer: allOf(observers),
    });
    this.#served = new ServedAccounts({
      ...parts,
      service: this.#service,
      onChange: async (accounts) => {
        this.#state.serves(accounts.keys());
        await this.#hooks.check(accounts.values());
      },
    });
    this.#state = new WorkerState({
      database: this.#database,
      queue,
      served: this.#served,
      hooks: this.#hooks,
      peers: this.#peers,
      hang: this.#hang,
      phase: () => this.#phase,
    });
    this.#deliverer = new OutboxDeliverer({
      store,
      env,
      signal,
      hook: (maildrop, name) => this.#served.hook(maildrop, name),
      longestMs: () => this.#served.longestHookMs,
      onAttempt: (entry, result) => {
        this.#metrics.delivered(entry, result);
        this.#hooks.attempted(entry, result);
      },
    });
  }

  /** @throws FailureError with exit code 78 if it cannot work, the store's errors */
  async start(): Promise<void> {
    const { log, store, source, queue, env } = this.#parts;
    // First: where the port is taken, nothing has happened.
    await this.#listen();
    await this.#served.begin();
    const { size } = this.#served.all;
    // Programs may add accounts to a database that was named; of one that was not nobody knows.
    if (size === 0 && (source.file !== null || !env["MAILONCE_DATABASE"]))
      throw new FailureError(
        "configuration",
        "there is nothing to do: no account has a schedule (in MAILONCE_ACCOUNTS, an accounts file, or the database)",
        "config",
      );
    await this.#peers.announce();
    await this.#pauses.look();
    // Somebody may have ended it meanwhile.
    if (this.#isEnding) return;
    const { paused } = this.#pauses;
    const pausedInWords = paused.length === 0 ? "" : ` (paused: ${namesInWords(paused)})`;
    log.info(
      {
        accounts: size,
        paused: paused.length,
        version: version(),
        database: store.describe(),
        file: source.file,
      },
      `started: ${accountsInWords(size)}${pausedInWords}, into ${store.describe()}`,
    );
    await queue.start(this.#service.run, (names) =>
      this.#database.ask(null, () => this.#service.firstDue(names)),
    );
    this.#outbox = new OutboxService({
      deliverer: this.#deliverer,
      store,
      keepMs: () => this.#served.configuration.worker.keepDeliveredMs,
      log,
    });
    this.#watch();
    const clock = new ClockWatch();
    this.#timer = setInterval(() => this.#look(clock), LOOK_MS);
    this.#phase = "working";
    this.#manager?.ready(() => !this.#hang.isHanging);
  }

  get #isEnding(): boolean {
    return this.#phase === "ending";
  }

  /** Reads the configuration again, as soon as the worker has started and nothing else changes it. */
  reload(why: string): void {
    this.#change(() => this.#served.reload(why));
  }

  /** Ends in order: no run begins, those under way may end for a while, and are broken off then. */
  async end(): Promise<void> {
    const { shutdownMs } = this.#served.configuration.worker;
    this.#manager?.stopping(shutdownMs + BREAK_OFF_MS);
    const late = setTimeout(() => this.#breakOff.abort(), shutdownMs);
    const tooLate = new Promise<void>((resolve) => setTimeout(resolve, shutdownMs + BREAK_OFF_MS).unref());
    this.#quiet();
    await Promise.race([Promise.all([this.#work, this.#parts.queue.stop(), this.#outbox?.end()]), tooLate]);
    clearTimeout(late);
    this.#breakOff.abort();
    await Promise.race([Promise.all([this.#service.flush(), this.#peers.leave()]), tooLate]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#quiet();
    this.#breakOff.abort();
    this.#manager?.[Symbol.dispose]();
    const outbox = this.#outbox?.end().then(() => this.#deliverer[Symbol.asyncDispose]());
    await this.#status?.[Symbol.asyncDispose]();
    await Promise.race([
      Promise.all([this.#parts.queue[Symbol.asyncDispose](), outbox]),
      new Promise((resolve) => setTimeout(resolve, BREAK_OFF_MS).unref()),
    ]);
  }

  async #listen(): Promise<void> {
    const { listen } = this.#parts.configuration.worker;
    if (listen === null) return;
    this.#status = await StatusServer.start(listen, {
      troubles: () => this.#state.troubles(),
      notes: () => this.#state.notes(),
      metrics: async () => ({
        contentType: this.#metrics.contentType,
        text: await this.#metrics.text(),
      }),
    });
    this.#parts.log.info(`listening on ${this.#status.address}`);
  }

  /** Does what changes the accounts after what does so already; not at the end. */
  #change(work: () => Promise<void>): void {
    const { log } = this.#parts;
    this.#work = this.#work
      .then(() => (this.#isEnding ? undefined : work()))
      .catch((error) => log.warn({ code: failureOf(error).code }, failureOf(error).message));
  }

  #watch(): void {
    const { source, log } = this.#parts;
    if (source.file === null) return;
    this.#unwatch = watchFile(
      source.file,
      () => this.reload("the file has changed"),
      () => log.warn("changes of the accounts file cannot be noticed by themselves: SIGHUP reads it again"),
    );
  }

  #look(clock: ClockWatch): void {
    const wasHanging = this.#hang.isHanging;
    this.#hang.look();
    if (this.#hang.isHanging && !wasHanging) this.#parts.log.error(HANGING);
    const stepMs = clock.step();
    if (stepMs !== 0) this.#planAgain(stepMs);
    if (this.#isLooking) return;
    this.#isLooking = true;
    this.#change(async () => {
      try {
        await this.#served.look();
        await this.#pauses.look();
        await this.#peers.announce();
        await this.#hooks.checkAgain();
      } finally {
        this.#isLooking = false;
      }
    });
  }

  /** What is due by the old clock would be for as long as it was set back, or by a timer that still counts in it. */
  #planAgain(stepMs: number): void {
    const how =
      stepMs < 0
        ? `was set back by ${pauseInWords(-stepMs)}`
        : `was set forward by ${pauseInWords(stepMs)}, or the machine slept`;
    this.#parts.log.warn(`the system's clock ${how}: all accounts are planned again`);
    this.#change(() => this.#served.planAgain());
  }

  #quiet(): void {
    this.#phase = "ending";
    this.#unwatch();
    clearInterval(this.#timer);
  }
}
