import { type ProcessFacts, processFacts } from "../system/process-identity.ts";
import { isDeadOwner, ownerText } from "../system/process-owner.ts";
import type { Workers } from "./ports.ts";

/** How often a worker says that it lives, and after how long of silence it is taken to be dead. */
const ANNOUNCE_MS = 10_000;
const SILENT_MS = 30_000;

export interface PeersParts {
  readonly workers: Workers;
  /** Whether this worker's queue is shared with other workers. */
  readonly hasSharedQueue: boolean;
  /** Called once for each worker that serves from the same database, but not by the same queue. */
  readonly onStranger: (owner: string) => void;
  readonly facts?: () => ProcessFacts;
  readonly now?: () => number;
}

/**
 * The other workers of the same database. Each says in the database that it lives. One that was killed is seen to be dead
 * at once on the same machine, and after half a minute elsewhere. Nothing depends on that: leases keep two workers from
 * one maildrop.
 */
export class Peers {
  readonly #parts: Required<PeersParts>;
  readonly #owner: string;
  readonly #told = new Set<string>();
  #announced = Number.NEGATIVE_INFINITY;
  #count: number | null = null;
  #hasStrangers = false;

  constructor(parts: PeersParts) {
    this.#parts = { facts: processFacts, now: () => performance.now(), ...parts };
    this.#owner = ownerText(this.#parts.facts().self);
  }

  /** How many workers there are, this one included; null: not known yet. */
  get count(): number | null {
    return this.#count;
  }

  /** Whether a worker serves from the same database by another queue. */
  get hasStrangers(): boolean {
    return this.#hasStrangers;
  }

  /** Says that this worker lives, if it is time to, and tells of strangers. @throws the store's errors */
  async announce(): Promise<void> {
    const { workers, hasSharedQueue, onStranger, facts, now } = this.#parts;
    if (now() - this.#announced < ANNOUNCE_MS) return;
    const queue = hasSharedQueue ? "shared" : "own";
    const known = facts();
    const all = await workers.announce({ owner: this.#owner, queue }, SILENT_MS);
    this.#announced = now();
    const others = all.filter(({ owner }) => !isDeadOwner(owner, known));
    const strangers = others.filter((other) => !hasSharedQueue || other.queue !== "shared");
    this.#count = others.length + 1;
    this.#hasStrangers = strangers.length > 0;
    for (const { owner } of strangers) {
      if (this.#told.has(owner)) continue;
      this.#told.add(owner);
      onStranger(owner);
    }
  }

  /** Says that this worker ends. Does not throw. */
  async leave(): Promise<void> {
    if (this.#count === null) return;
    await this.#parts.workers.leave(this.#owner).catch(() => {});
  }
}
