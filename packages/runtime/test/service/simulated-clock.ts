import type { Clock } from "../../src/system/clock.ts";

/** A clock that stands still until it is told to go on; the same chances each time. */
export class SimulatedClock implements Clock {
  #now: number;
  #state: number;
  #timers: { readonly time: number; readonly call: () => void }[] = [];

  constructor(start: string, seed = 1) {
    this.#now = Date.parse(start);
    this.#state = seed;
  }

  now(): number {
    return this.#now;
  }

  random(): number {
    this.#state = (this.#state * 48_271) % 2_147_483_647;
    return this.#state / 2_147_483_647;
  }

  callAt(time: number, call: () => void): () => void {
    const timer = { time, call };
    const after = this.#timers.findIndex((other) => other.time > time);
    this.#timers.splice(after < 0 ? this.#timers.length : after, 0, timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  }

  /** Resolves at that time. */
  until(time: number): Promise<void> {
    return new Promise((resolve) => this.callAt(time, resolve));
  }

  /** Lets so much time pass, and all that is due in it happen. */
  async pass(ms: number): Promise<void> {
    const end = this.#now + ms;
    for (;;) {
      await new Promise((resolve) => setImmediate(resolve));
      const [next] = this.#timers;
      if (next === undefined || next.time > end) break;
      this.#timers.shift();
      this.#now = Math.max(this.#now, next.time);
      next.call();
    }
    this.#now = end;
  }
}
