/** A difference that is smaller is no step: clocks are slewed, and timers are late. */
const LEAST_STEP_MS = 5000;

/** Tells whether somebody has set the system's clock. */
export class ClockWatch {
  #ahead = Date.now() - performance.now();

  /**
   * By how many ms the clock was set forward since the last look, or back where it is negative; 0: neither. The sleep of a
   * machine looks like a step forward.
   */
  step(): number {
    const ahead = Date.now() - performance.now();
    const step = ahead - this.#ahead;
    this.#ahead = ahead;
    return Math.abs(step) >= LEAST_STEP_MS ? step : 0;
  }
}
