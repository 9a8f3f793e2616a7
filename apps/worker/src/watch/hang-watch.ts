import type { RunQueue } from "@mailonce/runtime/service";

/** A run that begins so late was kept waiting by nothing but this process. */
const LATE_MS = 5000;
/** After so long the queue hangs. Measured by a clock that nobody sets. */
const HANG_MS = 60_000;

/** What is said where it is so. */
export const HANGING = "the queue hangs: accounts are due, there is room for them, and none is begun";

/** Tells whether a queue hands out nothing any more, although accounts are due and there is room for them. */
export class HangWatch {
  readonly #queue: Pick<RunQueue, "lateMs">;
  readonly #now: () => number;
  #since: number | null = null;

  constructor(queue: Pick<RunQueue, "lateMs">, now: () => number = () => performance.now()) {
    this.#queue = queue;
    this.#now = now;
  }

  /** To be called again and again. */
  look(): void {
    this.#since = this.#queue.lateMs > LATE_MS ? (this.#since ?? this.#now()) : null;
  }

  get isHanging(): boolean {
    return this.#since !== null && this.#now() - this.#since > HANG_MS;
  }
}
