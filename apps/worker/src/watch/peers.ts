import type { Store } from "@mailonce/runtime";
import { describeOwner, isDeadOwner, ownerText, processFacts } from "@mailonce/runtime/service";
import type { Logger } from "../log/log.ts";

/** How often a worker says that it lives, and after how long of silence it is taken to be dead. */
const ANNOUNCE_MS = 10_000;
const SILENT_MS = 30_000;

/** What {@link Peers} are made of. */
export interface PeersParts {
  readonly store: Pick<Store, "workers">;
  /** Whether a queue is shared with other workers. */
  readonly hasSharedQueue: boolean;
  readonly log: Logger;
}

/**
 * The other workers of the same database. Each says in the database that it lives; one that was killed is seen to be dead
 * at once on the same machine, after half a minute elsewhere. Nothing rests on it: leases keep two from one maildrop.
 */
export class Peers {
  readonly #parts: PeersParts;
  readonly #owner = ownerText(processFacts().self);
  readonly #warned = new Set<string>();
  #announced = Number.NEGATIVE_INFINITY;
  #count: number | null = null;
  #isAlone = true;

  constructor(parts: PeersParts) {
    this.#parts = parts;
  }

  /** How many workers there are, this one included; null: not known yet. */
  get count(): number | null {
    return this.#count;
  }

  /** What should be said of the others; null if all is well. */
  get note(): string | null {
    return this.#isAlone ? null : "another worker serves from this database by a queue of its own";
  }

  /** Says that this worker lives, if it is time to, and warns of others that know nothing of each other. @throws the store's errors */
  async announce(): Promise<void> {
    if (performance.now() - this.#announced < ANNOUNCE_MS) return;
    const { store, hasSharedQueue, log } = this.#parts;
    const queue = hasSharedQueue ? "shared" : "own";
    const facts = processFacts();
    const all = await store.workers.announce({ owner: this.#owner, queue }, SILENT_MS);
    this.#announced = performance.now();
    const others = all.filter(({ owner }) => !isDeadOwner(owner, facts));
    const strangers = others.filter((other) => !hasSharedQueue || other.queue !== "shared");
    this.#count = others.length + 1;
    this.#isAlone = strangers.length === 0;
    for (const { owner } of strangers) {
      if (this.#warned.has(owner)) continue;
      this.#warned.add(owner);
      log.warn(
        `another worker (${describeOwner(owner)}) serves from this database, and not by the same queue: an account that both have is fetched by both, and logs in twice as often; end one of them, or give both the same worker.queue`,
      );
    }
  }

  /** This worker ends. Does not throw. */
  async leave(): Promise<void> {
    if (this.#count === null) return;
    await this.#parts.store.workers.leave(this.#owner).catch(() => {});
  }
}
