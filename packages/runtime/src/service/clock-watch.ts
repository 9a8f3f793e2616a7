/** A smaller difference is no step: clocks are adjusted little by little, and timers are late. */
const LEAST_STEP_MS = 5000;

/** Tells whether somebody has set the system's clock. */
export class ClockWatch {
  readonly #aheadMs: () => number;
  #before: number;

  /** `aheadMs`: how far the system's clock is ahead of one that nobody can set. */
  constructor(aheadMs: () => number = () => Date.now() - performance.now()) {
    this.#aheadMs = aheadMs;
    this.#before = aheadMs();
  }

  /**
   * By how many ms the clock was set forward since the last call, or back where the number is negative. 0: neither. When a
   * machine has slept, that looks like a step forward.
   */
  step(): number {
    const now = this.#aheadMs();
    const step = now - this.#before;
    this.#before = now;
    return Math.abs(step) >= LEAST_STEP_MS ? step : 0;
  }
}
