import { type Failure, failureOf } from "../failure/failure.ts";
import type { Outbox } from "../outbox/outbox.ts";
import type { OutboxDeliverer } from "../outbox/outbox-deliverer.ts";
import { pruneOutbox } from "../outbox/prune.ts";

/** How often the outbox is looked at although nobody says that something is in it: for retries. */
const LOOK_MS = 5000;
/** How often deliveries that were made long ago are removed. */
const PRUNE_MS = 3_600_000;

export interface OutboxServiceParts {
  readonly deliverer: Pick<OutboxDeliverer, "deliverDue">;
  readonly outbox: Pick<Outbox, "prune">;
  /** How long deliveries that were made are kept, in ms; null: for ever. */
  readonly keepMs: () => number | null;
  readonly onPruned: (removed: number) => void;
  readonly onFailure: (failure: Failure) => void;
}

/** Delivers what is in the outbox as soon as it is due, and in time removes what was delivered. It begins at once. */
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

  /** Says that something may be due. If a delivery is under way, the outbox is looked at again after it. */
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
    const { outbox, keepMs, onPruned } = this.#parts;
    const ms = keepMs();
    if (ms === null) return;
    this.#pruning ??= this.#attempt(async () => {
      const removed = await pruneOutbox(outbox, ms, this.#over);
      if (removed > 0) onPruned(removed);
    }).finally(() => {
      this.#pruning = null;
    });
  }

  /** Tells of a failure unless the service was ended meanwhile, or the work was interrupted. */
  async #attempt(work: () => Promise<unknown>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (this.#over.signal.aborted) return;
      const failure = failureOf(error);
      if (failure.code !== "interrupted") this.#parts.onFailure(failure);
    }
  }
}
