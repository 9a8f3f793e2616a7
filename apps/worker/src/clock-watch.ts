/** A difference that is smaller is no step: clocks are slewed, and timers are late. */
const LEAST_STEP_MS = 5000;

/** Tells whether somebody has set the system's clock. */
export class ClockWatch {
  #ahead = Date.now() - performance.now();

  /** By how many ms the clock was set back since the last look; 0: it was not. A clock set forward is not told. */
  setBack(): number {
    const ahead = Date.now() - performance.now();
    const step = this.#ahead - ahead;
    this.#ahead = ahead;
    return step >= LEAST_STEP_MS ? step : 0;
  }
}
