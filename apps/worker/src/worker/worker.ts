import { setMaxListeners } from "node:events";
import { FailureError } from "@mailonce/runtime";
import type { OutboxService } from "@mailonce/runtime/service";
import { watchFile } from "../accounts/watch-file.ts";
import { ServiceManager } from "../process/service-manager.ts";
import { version } from "../process/version.ts";
import { StatusServer } from "../status/status-server.ts";
import type { Phase } from "../status/worker-state.ts";
import { accountsInWords, namesInWords } from "../text/words.ts";
import { type Assembly, assemble, type WorkerParts } from "./assemble.ts";
import { Changes } from "./changes.ts";
import { Rounds } from "./rounds.ts";

/** After the time for a graceful end is over, so long for the runs that were told to break off. */
const BREAK_OFF_MS = 5000;

/** One worker process: it starts all that is at work, reads the configuration again, and ends all in order. */
export class Worker implements AsyncDisposable {
  readonly #parts: WorkerParts;
  readonly #assembly: Assembly;
  readonly #changes: Changes;
  readonly #manager: ServiceManager | null;
  readonly #breakOff = new AbortController();
  #phase: Phase = "starting";
  #status: StatusServer | null = null;
  #outbox: OutboxService | null = null;
  #rounds: Rounds | null = null;
  #unwatch: () => void = () => {};

  constructor(parts: WorkerParts) {
    this.#parts = parts;
    const { signal } = this.#breakOff;
    // Every run listens to it.
    setMaxListeners(0, signal);
    this.#changes = new Changes(parts.log);
    this.#manager = ServiceManager.of(parts.env, parts.log);
    this.#assembly = assemble(parts, () => this.#phase, signal);
  }

  /** @throws FailureError (`config`) if it cannot work, the store's errors */
  async start(): Promise<void> {
    const { log, store, source, queue, env } = this.#parts;
    const { answers, served, service, pauses, peers, hang, startOutbox } = this.#assembly;
    // First of all: if the port is taken, nothing else has happened.
    await this.#listen();
    await served.begin();
    const { size } = served.all;
    // Programs may add accounts to a database that was named; one that was not named nobody knows.
    if (size === 0 && (source.file !== null || !env["MAILONCE_DATABASE"]))
      throw new FailureError(
        "configuration",
        "there is nothing to do: no account has a schedule (in MAILONCE_ACCOUNTS, an accounts file, or the database)",
        "config",
      );
    await peers.announce();
    await pauses.look();
    // Somebody may have ended it meanwhile.
    if (this.#isEnding) return;
    const { paused } = pauses;
    const pausedInWords = paused.length === 0 ? "" : ` (paused: ${namesInWords(paused)})`;
    const database = store.describe();
    log.info(
      { accounts: size, paused: paused.length, version: version(), database, file: source.file },
      `started: ${accountsInWords(size)}${pausedInWords}, into ${database}`,
    );
    await queue.start(service.run, (names) => answers.ask(null, () => service.firstDue(names)));
    this.#outbox = startOutbox();
    this.#watch();
    this.#rounds = new Rounds({ ...this.#assembly, changes: this.#changes, log });
    this.#phase = "working";
    this.#manager?.ready(() => !hang.isHanging);
  }

  get #isEnding(): boolean {
    return this.#phase === "ending";
  }

  /** Reads the configuration again, as soon as the worker has started and nothing else changes it. */
  reload(why: string): void {
    this.#changes.do(() => this.#assembly.served.reload(why));
  }

  /** Ends in order: no run begins, those under way may end for a while, and are broken off then. */
  async end(): Promise<void> {
    const { served, service, peers } = this.#assembly;
    const { shutdownMs } = served.configuration.worker;
    this.#manager?.stopping(shutdownMs + BREAK_OFF_MS);
    const late = setTimeout(() => this.#breakOff.abort(), shutdownMs);
    const tooLate = new Promise<void>((resolve) => setTimeout(resolve, shutdownMs + BREAK_OFF_MS).unref());
    const changed = this.#quiet();
    await Promise.race([Promise.all([changed, this.#parts.queue.stop(), this.#outbox?.end()]), tooLate]);
    clearTimeout(late);
    this.#breakOff.abort();
    await Promise.race([Promise.all([service.flush(), peers.leave()]), tooLate]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    void this.#quiet();
    this.#breakOff.abort();
    this.#manager?.[Symbol.dispose]();
    const outbox = this.#outbox?.end().then(() => this.#assembly.deliverer[Symbol.asyncDispose]());
    await this.#status?.[Symbol.asyncDispose]();
    await Promise.race([
      Promise.all([this.#parts.queue[Symbol.asyncDispose](), outbox]),
      new Promise((resolve) => setTimeout(resolve, BREAK_OFF_MS).unref()),
    ]);
  }

  async #listen(): Promise<void> {
    const { listen } = this.#parts.configuration.worker;
    if (listen === null) return;
    const { state, metrics } = this.#assembly;
    this.#status = await StatusServer.start(listen, {
      troubles: () => state.troubles(),
      notes: () => state.notes(),
      metrics: async () => ({ contentType: metrics.contentType, text: await metrics.text() }),
    });
    this.#parts.log.info(`listening on ${this.#status.address}`);
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

  /** Begins nothing more. Resolves when no change of the accounts is under way any more. */
  #quiet(): Promise<void> {
    this.#phase = "ending";
    this.#unwatch();
    this.#rounds?.[Symbol.dispose]();
    return this.#changes.end();
  }
}
