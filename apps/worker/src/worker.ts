import { setMaxListeners } from "node:events";
import {
  AccountService,
  type AccountSettings,
  AccountTokens,
  type Configuration,
  type Environment,
  EXIT,
  FailureError,
  type FileSpool,
  failureOf,
  type HookSettings,
  OutboxDeliverer,
  type OutboxEntry,
  type OutboxResult,
  type RunQueue,
  type ServiceObserver,
  type Store,
} from "@mailonce/runtime";
import { ClockWatch } from "./clock-watch.ts";
import { accountChanges, allAccounts, type ConfigurationSource, watchFile } from "./configuration.ts";
import type { Logger } from "./log.ts";
import { Metrics } from "./metrics.ts";
import { allOf } from "./observers.ts";
import { limitsOf } from "./open-queue.ts";
import { OutboxService } from "./outbox-service.ts";
import { RunLog } from "./run-log.ts";
import { StatusServer } from "./status-server.ts";
import { pauseInWords } from "./words.ts";

/** How often the database is asked for accounts that were added or removed. */
const LOOK_MS = 3000;
/** A database that has not answered by then is not there. */
const DATABASE_MS = 3000;
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
  readonly #queue: RunQueue;
  readonly #deliverer: OutboxDeliverer;
  readonly #metrics: Metrics;
  #outbox: OutboxService | null = null;
  #status: StatusServer | null = null;
  readonly #service: AccountService;
  readonly #breakOff = new AbortController();
  #configuration: Configuration;
  #accounts: ReadonlyMap<string, AccountSettings> = new Map();
  #stored = "";
  #longestHook = 0;
  #isEnding = false;
  #unwatch: () => void = () => {};
  #timer: NodeJS.Timeout | undefined;
  #reloading: Promise<void> = Promise.resolve();
  readonly #onHangUp = (): void => this.#reload("SIGHUP");

  constructor(parts: WorkerParts) {
    this.#parts = parts;
    this.#configuration = parts.configuration;
    const { store, spool, env, log, configuration } = parts;
    const { signal } = this.#breakOff;
    // Every run listens to it.
    setMaxListeners(0, signal);
    const tokens = new AccountTokens({ env, signal, tokens: store.tokens, tokenKey: configuration.tokenKey });
    this.#queue = parts.queue;
    this.#metrics = new Metrics({
      accounts: () => [...this.#accounts.keys()],
      outbox: () => this.#ask((database) => database.outbox.depth()),
    });
    const kick: ServiceObserver = {
      ended: (settings, { report }) => {
        if (report.counts.stored > 0 && settings.hooks.length > 0) this.#outbox?.kick();
      },
    };
    const observers = [
      new RunLog(log),
      this.#metrics,
      kick,
      ...(parts.tracing === null ? [] : [parts.tracing]),
    ];
    this.#service = new AccountService({
      store,
      spool,
      env,
      signal,
      tokens: tokens.of,
      observer: allOf(observers),
    });
    this.#deliverer = new OutboxDeliverer({
      store,
      env,
      signal,
      hook: (maildrop, name) => this.#hook(maildrop, name),
      longestMs: () => this.#longestHook,
      onAttempt: (entry, result) => this.#attempted(entry, result),
    });
  }

  async start(): Promise<void> {
    const { log, store, source } = this.#parts;
    await this.#serve(true);
    // Programs may add accounts to a database that was named; of one that was not nobody knows.
    if (this.#accounts.size === 0 && (source.file !== null || !this.#parts.env["MAILONCE_DATABASE"]))
      throw new FailureError(
        "configuration",
        "there is nothing to do: no account has a schedule (in MAILONCE_ACCOUNTS, an accounts file, or the database)",
        EXIT.config,
      );
    log.info(
      { accounts: this.#accounts.size, database: store.describe(), file: source.file },
      `started: ${this.#accounts.size} account${this.#accounts.size === 1 ? "" : "s"}, into ${store.describe()}`,
    );
    await this.#queue.start(this.#service.run);
    this.#outbox = new OutboxService({
      deliverer: this.#deliverer,
      store,
      keepMs: () => this.#configuration.worker.keepDeliveredMs,
      log,
    });
    await this.#listen();
    process.on("SIGHUP", this.#onHangUp);
    if (source.file !== null)
      this.#unwatch = watchFile(source.file, () => this.#reload("the file has changed"));
    const clock = new ClockWatch();
    this.#timer = setInterval(() => {
      const backMs = clock.setBack();
      if (backMs > 0) this.#planAgain(backMs);
      this.#reload(null);
    }, LOOK_MS);
  }

  /** Ends in order: no run begins, those under way may end for a while, and are broken off then. */
  async end(): Promise<void> {
    const { shutdownMs } = this.#configuration.worker;
    await this.#quiet();
    const stopped = Promise.all([this.#queue.stop(), this.#outbox?.end()]);
    const late = setTimeout(() => this.#breakOff.abort(), shutdownMs);
    const tooLate = new Promise<void>((resolve) => setTimeout(resolve, shutdownMs + BREAK_OFF_MS).unref());
    await Promise.race([stopped, tooLate]);
    clearTimeout(late);
    this.#breakOff.abort();
    await Promise.race([this.#service.flush(), tooLate]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#quiet();
    this.#breakOff.abort();
    const outbox = this.#outbox?.end().then(() => this.#deliverer[Symbol.asyncDispose]());
    await this.#status?.[Symbol.asyncDispose]();
    await Promise.race([
      Promise.all([this.#queue[Symbol.asyncDispose](), outbox]),
      new Promise((resolve) => setTimeout(resolve, BREAK_OFF_MS).unref()),
    ]);
  }

  async #listen(): Promise<void> {
    const { listen } = this.#configuration.worker;
    if (listen === null) return;
    this.#status = await StatusServer.start(listen, {
      troubles: () => this.#troubles(),
      metrics: async () => ({
        contentType: this.#metrics.contentType,
        text: await this.#metrics.text(),
      }),
    });
    this.#parts.log.info(`listening on ${this.#status.address}`);
  }

  async #troubles(): Promise<readonly string[]> {
    const database = await this.#ask((store) => store.findMaildrop("-").then(() => true));
    const found = database === null ? ["the database does not answer"] : [];
    if (this.#queue.trouble !== null) found.push(this.#queue.trouble);
    if (this.#breakOff.signal.aborted || this.#isEnding) found.push("the worker is ending");
    return found;
  }

  /** What the database says, null if it does not answer soon. */
  async #ask<T>(question: (store: Store) => Promise<T>): Promise<T | null> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<null>((resolve) => {
      timer = setTimeout(() => resolve(null), DATABASE_MS);
    });
    try {
      return await Promise.race([question(this.#parts.store), late]);
    } catch {
      return null;
    } finally {
      clearTimeout(timer);
    }
  }

  #hook(maildrop: string, name: string): HookSettings | null {
    return this.#accounts.get(maildrop)?.hooks.find((hook) => hook.name === name) ?? null;
  }

  #attempted(entry: OutboxEntry, result: OutboxResult): void {
    this.#metrics.delivered(entry, result);
    const { log } = this.#parts;
    const { maildrop, hook, messageId } = entry;
    if (result.state === "delivered") {
      log.debug({ maildrop, hook, messageId }, `told ${hook}`);
      return;
    }
    const { code, message } = result.reason;
    const level = result.state === "dead" ? "error" : "warn";
    const end = result.state === "dead" ? "; given up: 'mailonce outbox retry'" : "";
    log[level]({ maildrop, hook, messageId, code }, `hook ${hook}: ${message}${end}`);
  }

  async #quiet(): Promise<void> {
    process.removeListener("SIGHUP", this.#onHangUp);
    this.#isEnding = true;
    this.#unwatch();
    clearInterval(this.#timer);
    await this.#reloading;
  }

  /** Reads everything again; what cannot be read changes nothing. One at a time. */
  #reload(why: string | null): void {
    this.#reloading = this.#reloading.then(async () => {
      const { source, log } = this.#parts;
      try {
        if (why !== null) this.#configuration = await source.read();
        await this.#serve(why !== null);
        if (why !== null) log.info({ accounts: this.#accounts.size }, `configuration read again: ${why}`);
      } catch (error) {
        const { code, message } = failureOf(error);
        if (why === null) log.warn({ code }, message);
        else log.error({ code }, `configuration not changed: ${message}`);
      }
    });
  }

  /** Serves what is configured now, in the file and in the database. */
  async #serve(always: boolean): Promise<void> {
    const { store, log } = this.#parts;
    const version = await store.accounts.version();
    if (!always && version === this.#stored) return;
    const { accounts, problems } = await allAccounts(this.#configuration, await store.accounts.list());
    this.#stored = version;
    for (const problem of problems) log.error(problem);
    const wanted = accounts.filter(({ schedule }) => schedule !== null);
    const { put, removed } = accountChanges(this.#accounts, wanted);
    this.#queue.limit(limitsOf(this.#configuration));
    for (const maildrop of removed) {
      this.#service.drop(maildrop);
      await this.#queue.remove(maildrop);
    }
    for (const settings of put) this.#service.serve(settings);
    const hooks = wanted.flatMap((settings) => settings.hooks);
    this.#longestHook = hooks.reduce(
      (most, hook) => Math.max(most, hook.kind === "queue" ? 0 : hook.timeoutMs),
      0,
    );
    this.#accounts = new Map(wanted.map((settings) => [settings.account.maildrop, settings]));
    await this.#plan(put);
  }

  /** What is due by the old clock would not be for as long as it was set back. */
  #planAgain(backMs: number): void {
    const { log } = this.#parts;
    log.warn(`the system's clock was set back by ${pauseInWords(backMs)}: all accounts are planned again`);
    this.#reloading = this.#reloading
      .then(() => this.#plan([...this.#accounts.values()]))
      .catch((error) => log.warn({ code: failureOf(error).code }, failureOf(error).message));
  }

  /** Tells the queue when these accounts are due. */
  async #plan(put: readonly AccountSettings[]): Promise<void> {
    if (put.length === 0) return;
    const due = await this.#service.firstDue(put.map(({ account }) => account.maildrop));
    for (const { account, schedule } of put) {
      const everyMs = schedule?.kind === "interval" ? schedule.ms : 3_600_000;
      await this.#queue.put({
        name: account.maildrop,
        host: account.host,
        due: due.get(account.maildrop) ?? 0,
        everyMs,
      });
    }
  }
}
