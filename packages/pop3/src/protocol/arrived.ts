import { Queue } from "./queue.ts";

/** Octets as they arrived. */
export interface Chunk {
  readonly octets: Buffer;
  /** Commands that had been sent by then: it answers no later one. */
  readonly after: number;
  /** When, in the caller's time. */
  readonly at: number;
}

const nothing: Chunk = { octets: Buffer.alloc(0), after: 0, at: 0 };

/** What has arrived: the chunk that is being read, and those that wait for it. */
export class Arrived {
  /** What is being read, up to `place`. */
  chunk: Chunk = nothing;
  place = 0;
  readonly #waiting = new Queue<Chunk>();
  #waitingOctets = 0;

  /** Octets of the chunks that wait. */
  get waitingOctets(): number {
    return this.#waitingOctets;
  }

  push(chunk: Chunk): void {
    this.#waiting.push(chunk);
    this.#waitingOctets += chunk.octets.length;
  }

  /** Goes on to the chunk that came next; null: nothing has come. */
  next(): Chunk | null {
    const chunk = this.#waiting.shift() ?? null;
    // A session that waits keeps nothing of what it has read.
    this.chunk = chunk ?? nothing;
    this.place = 0;
    this.#waitingOctets -= this.chunk.octets.length;
    return chunk;
  }

  clear(): void {
    this.chunk = nothing;
    this.place = 0;
    this.#waiting.clear();
    this.#waitingOctets = 0;
  }
}
