import { longestMs } from "../options/connect-options.ts";

/**
 * A time limit. It is started and stopped with each chunk that is waited for, thousands of times a second, so it keeps its
 * timer instead of making a new one each time.
 */
export class Deadline {
  readonly ms: number;
  /** What is called when the time is over; callers call it where the time is over by their own count. */
  readonly passed: () => void;
  #timer: NodeJS.Timeout | null = null;
  #running: boolean = false;

  constructor(ms: number, passed: () => void) {
    this.ms = ms;
    this.passed = passed;
  }

  /** Starts from 0. Until `stop` it keeps the process alive. */
  start(): void {
    this.#running = true;
    if (this.#timer !== null) this.#timer.refresh().ref();
    else this.#timer = setTimeout(() => void (this.#running && this.passed()), Math.min(this.ms, longestMs));
  }

  stop(): void {
    this.#running = false;
    this.#timer?.unref();
  }

  /** Stops for good, and lets the timer go. */
  end(): void {
    this.#running = false;
    clearTimeout(this.#timer ?? undefined);
  }
}

/** The time limits of a session. `listing` and `rate` are never started: ReceiveRate adds their time up. */
export type Deadlines = Readonly<Record<"preLogin" | "reply" | "idle" | "listing" | "rate", Deadline>>;
