import { failureOf, type Store } from "@mailonce/runtime";
import { type OutboxDeliverer, pruneOutbox } from "@mailonce/runtime/service";
import type { Logger } from "../log/log.ts";

/** How often the outbox is looked at although nobody says that something is in it: for retries, and for the dead. */
const LOOK_MS = 5000;
/** How often deliveries that were made long ago are removed. */
const PRUNE_MS = 3_600_000;

/** What an {@link OutboxService} is made of. */
export interface OutboxServiceParts {
  readonly deliverer: OutboxDeliverer;
  readonly store: Pick<Store, "outbox">;
  /** How long deliveries that were made are kept; null: for ever. */
  readonly keepMs: () => number | null;
  readonly log: Logger;
}

/** Delivers the outbox as soon as something is in it, again and again, and forgets in time what was delivered. */
export class OutboxService {
  readonly #parts: OutboxServiceParts;
  readonly #timers: readonly NodeJS.Timeout[];
  readonly #over = new AbortController();
  #delivering: Promise<void> | null = null;
  #pruning: Promise<void> | null = null;
  #again = false;

  constructor(parts: OutboxServiceParts) {
    this.#parts = parts;
    this.#timers = [setInterval(() => this.kick(), LOOK_MS), setInterval(() => this.#prune(), PRUNE_MS)];
    this.kick();
    this.#prune();
  }

  /** Something may be due. */
  kick(): void {
    this.#again = true;
    if (this.#over.signal.aborted) return;
    this.#delivering ??= this.#deliver().finally(() => {
      this.#delivering = null;
    });
  }

  /** Begins nothing more; resolves when what is under way has ended. */
  async end(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    this.#over.abort();
    await Promise.all([this.#delivering, this.#pruning]);
  }

  async #deliver(): Promise<void> {
    while (this.#again && !this.#over.signal.aborted) {
      this.#again = false;
      await this.#attempt(() => this.#parts.deliverer.deliverDue());
    }
  }

  #prune(): void {
    const keepMs = this.#parts.keepMs();
    if (keepMs === null) return;
    const { store, log } = this.#parts;
    this.#pruning ??= this.#attempt(async () => {
      const removed = await pruneOutbox(store.outbox, keepMs, this.#over);
      if (removed > 0) log.info({ removed }, `outbox: ${removed} old deliveries removed`);
    }).finally(() => {
      this.#pruning = null;
    });
  }

  async #attempt(work: () => Promise<unknown>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (this.#over.signal.aborted) return;
      const { code, message } = failureOf(error);
      if (code !== "interrupted") this.#parts.log.warn({ code }, `outbox: ${message}`);
    }
  }
}
