import { longestMs } from "../options/options.ts";

/**
 * A time limit that is started and stopped with each chunk that arrives, thousands of times a second: it keeps
 * its timer instead of making one each time.
 */
export class Deadline {
  readonly ms: number;
  readonly #passed: () => void;
  #timer: NodeJS.Timeout | null = null;
  #running: boolean = false;

  /** `passed` is called when it has run for so many ms without a stop. */
  constructor(ms: number, passed: () => void) {
    this.ms = ms;
    this.#passed = passed;
  }

  /** Starts anew. Until `stop` it keeps the process alive. */
  start(): void {
    this.#running = true;
    if (this.#timer !== null) this.#timer.refresh().ref();
    else this.#timer = setTimeout(() => void (this.#running && this.#passed()), Math.min(this.ms, longestMs));
  }

  /** As if its time had passed. */
  pass(): void {
    this.#passed();
  }

  stop(): void {
    this.#running = false;
    this.#timer?.unref();
  }

  /** Stops for good. */
  end(): void {
    this.#running = false;
    clearTimeout(this.#timer ?? undefined);
  }
}

/** Those of a session. `listing` and `rate` are never started: their time is added up, see Pace. */
export type Deadlines = Readonly<Record<"preLogin" | "reply" | "idle" | "listing" | "rate", Deadline>>;
