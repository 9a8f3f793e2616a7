import { Queue } from "./queue.ts";

/** Octets that arrived together. */
export interface Chunk {
  readonly octets: Buffer;
  /** How many commands had been sent by then: the chunk answers no later one. */
  readonly commandsSent: number;
  /** When it arrived, by the clock of whoever hands it in. */
  readonly arrivedAt: number;
}

const nothing: Chunk = { octets: Buffer.alloc(0), commandsSent: 0, arrivedAt: 0 };

/** What has arrived: the chunk that is being read, and the chunks that wait behind it. */
export class ReceiveBuffer {
  /** The chunk that is being read; `place` is the index of its first octet that was not read. */
  chunk: Chunk = nothing;
  place = 0;
  readonly #waiting = new Queue<Chunk>();
  #waitingOctets = 0;

  /** How many octets the waiting chunks have. */
  get waitingOctets(): number {
    return this.#waitingOctets;
  }

  push(chunk: Chunk): void {
    this.#waiting.push(chunk);
    this.#waitingOctets += chunk.octets.length;
  }

  /** Goes on to the next chunk and returns it, or null if none has arrived. */
  next(): Chunk | null {
    const chunk = this.#waiting.shift() ?? null;
    // Without a next chunk the one that was read is let go, so that an idle session keeps no memory.
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
