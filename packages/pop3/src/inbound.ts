import type { Pop3Error } from "./errors.ts";
import { longestMs } from "./options.ts";
import type { EngineEvent } from "./protocol/engine.ts";

/**
 * Events received and not yet consumed, in order, and at last what ended the session. One reader at a time.
 */
export class Inbound {
  #events: EngineEvent[] = [];
  #head = 0;
  #octets = 0;
  #failure: Pop3Error | null = null;
  #wake: (() => void) | null = null;

  /** Octets of the data events that wait here. */
  get octets(): number {
    return this.#octets;
  }

  push(event: EngineEvent): void {
    if (event.kind === "data") this.#octets += event.octets.length;
    this.#events.push(event);
    this.#wake?.();
  }

  /** Ends the queue: what has arrived is still read before the error, unless `discard`. */
  fail(error: Pop3Error, discard: boolean): void {
    this.#failure = error;
    if (discard) {
      this.#events = [];
      this.#head = 0;
      this.#octets = 0;
    }
    this.#wake?.();
  }

  shift(): EngineEvent | undefined {
    const event = this.#events[this.#head];
    if (event === undefined) return undefined;
    if (event.kind === "data") this.#octets -= event.octets.length;
    if (++this.#head === this.#events.length) {
      this.#events = [];
      this.#head = 0;
    } else if (this.#head === 1024) {
      this.#events = this.#events.slice(this.#head);
      this.#head = 0;
    }
    return event;
  }

  /** The next event; the clock runs only while somebody waits, so a slow consumer is not a slow server. */
  async next(ms: number, onTimeout: () => void): Promise<EngineEvent> {
    for (;;) {
      const event = this.shift();
      if (event !== undefined) return event;
      if (this.#failure !== null) throw this.#failure;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(onTimeout, Math.min(ms, longestMs));
        this.#wake = () => {
          this.#wake = null;
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }
}
