/** Time, and chance, as the scheduler knows them; a simulation brings its own. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** At least 0, less than 1. */
  random(): number;
  /** Calls back once, at that time or as soon as possible afterwards; the function that it gives takes it back. */
  callAt(time: number, call: () => void): () => void;
}

/** Longer timers end at once in Node. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** The machine's. */
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
