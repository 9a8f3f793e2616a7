import type { RunQueue } from "../schedule/run-queue.ts";

/** A run that begins so late was kept waiting by nothing but this process. */
const LATE_MS = 5000;
/** A queue that is late for so long hangs. It is measured by a clock that nobody can set. */
const HANG_MS = 60_000;

/** Tells whether a queue begins no run any more, although accounts are due and there is room for them. */
export class HangWatch {
  readonly #queue: Pick<RunQueue, "lateMs">;
  readonly #now: () => number;
  #lateSince: number | null = null;

  constructor(queue: Pick<RunQueue, "lateMs">, now: () => number = () => performance.now()) {
    this.#queue = queue;
    this.#now = now;
  }

  /** Looks whether the queue is late. To be called every few seconds. */
  look(): void {
    this.#lateSince = this.#queue.lateMs > LATE_MS ? (this.#lateSince ?? this.#now()) : null;
  }

  /** True once the queue has been late at every look for a minute. */
  get isHanging(): boolean {
    return this.#lateSince !== null && this.#now() - this.#lateSince > HANG_MS;
  }
}
