import type { Pop3Error } from "./errors/error.ts";
import type { EngineEvent } from "./protocol/engine.ts";
import { Queue } from "./protocol/queue.ts";

/**
 * Events received and not yet consumed, in order, and at last what ended the session. One reader at a time.
 */
export class Inbound {
  readonly #events = new Queue<EngineEvent>();
  #octets = 0;
  #failure: Pop3Error | null = null;
  #reader: {
    readonly resolve: (event: EngineEvent) => void;
    readonly reject: (error: Pop3Error) => void;
  } | null = null;

  /** Octets of the data events that wait here. */
  get octets(): number {
    return this.#octets;
  }

  /** True while somebody waits for an event. */
  get awaited(): boolean {
    return this.#reader !== null;
  }

  push(event: EngineEvent): void {
    if (this.#reader !== null) {
      const { resolve } = this.#reader;
      this.#reader = null;
      resolve(event);
      return;
    }
    if (event.kind === "data") this.#octets += event.octets.length;
    this.#events.push(event);
  }

  /** Ends the queue: what has arrived is still read before the error, unless `discard`. */
  fail(error: Pop3Error, discard: boolean): void {
    this.#failure = error;
    if (discard) {
      this.#events.clear();
      this.#octets = 0;
    }
    this.#reader?.reject(error);
    this.#reader = null;
  }

  /** The next event that has arrived, which stays. */
  peek(): EngineEvent | undefined {
    return this.#events.peek();
  }

  /** The next event that has arrived. */
  shift(): EngineEvent | undefined {
    const event = this.#events.shift();
    if (event?.kind === "data") this.#octets -= event.octets.length;
    return event;
  }

  /** The next event, where none has arrived. Rejects with what ended the session. */
  next(): Promise<EngineEvent> {
    return new Promise((resolve, reject) => {
      if (this.#failure === null) this.#reader = { resolve, reject };
      else reject(this.#failure);
    });
  }
}
