/** Where the scheduler has time and random numbers from; tests have a simulated one. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** At least 0, less than 1. */
  random(): number;
  /** Calls `call` once, at that time or as soon as possible afterwards. Gives a function that cancels it. */
  callAt(time: number, call: () => void): () => void;
}

/** Longer timers end at once in Node. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** The machine's clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  random: () => Math.random(),
  callAt(time, call) {
    let timer: NodeJS.Timeout;
    const set = (): void => {
      const left = time - Date.now();
      timer = setTimeout(left > 0 ? set : call, Math.min(Math.max(left, 0), LONGEST_TIMER_MS));
    };
    set();
    return () => clearTimeout(timer);
  },
};
