import { LimitExceededError, WrongStateError } from "./errors.ts";
import type { Session } from "./session.ts";

/**
 * The octets of one message, un-stuffed: once iterable. Leaving the iteration early reads the rest and throws it away,
 * so that the session stays in step; where that is too much, close the client.
 *
 * The chunks are slices of what the socket received: small messages share a buffer of up to 64 KiB, which lives as long as
 * any slice of it. Copy what is kept for long.
 */
export class MessageContent implements AsyncIterable<Uint8Array> {
  /** Listed octets of the request, or null. */
  readonly listedOctets: number | null;
  readonly #session: Session;
  readonly #onEnd: () => void;
  #reading: Promise<Uint8Array | null> | null = null;
  #octets = 0;
  #taken: boolean = false;
  #passedOver: boolean = false;
  #ended: boolean = false;

  /** Made by the client. */
  constructor(session: Session, listedOctets: number | null, onEnd = (): void => undefined) {
    this.#session = session;
    this.listedOctets = listedOctets;
    this.#onEnd = onEnd;
  }

  /** Octets received so far. */
  get octets(): number {
    return this.#octets;
  }

  /** True once the terminator was read: only then is the message complete. */
  get ended(): boolean {
    return this.#ended;
  }

  /**
   * True if the message has ended with fewer octets than were listed: it may have been cut at a line "." that the server did
   * not stuff, and then this message and all later replies of a pipelined `retrieve` may be forged by it.
   */
  get suspect(): boolean {
    return this.#ended && this.listedOctets !== null && this.#octets < this.listedOctets;
  }

  /** Throws WrongStateError when iterated a second time, ConnectionClosedError, TimeoutError and the like when the message breaks off; never ends early in silence. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array, void, void> {
    if (this.#taken) throw new WrongStateError("this message's content was already read or passed over");
    this.#taken = true;
    try {
      for (let octets = await this.#read(); octets !== null; octets = await this.#read()) {
        yield octets;
        if (this.#passedOver) break;
      }
      if (this.#passedOver) throw new WrongStateError("the rest of this message's content was passed over");
    } finally {
      if (this.#session.usable) await this.drain();
    }
  }

  /** Reads what is left and throws it away. */
  async drain(): Promise<void> {
    this.#taken = true;
    this.#passedOver ||= !this.#ended;
    // An iteration may be waiting for octets at this moment: it gets them, and is told at its next step.
    await this.#reading?.catch(() => undefined);
    while ((await this.#read()) !== null);
  }

  /** The whole message as one array. Throws LimitExceededError beyond `limit` octets, in step; `name` is the limit's. */
  async collect(limit: number, name: string): Promise<Uint8Array> {
    const chunks: Uint8Array[] = [];
    for await (const chunk of this) {
      if (this.#octets > limit) throw new LimitExceededError(name, limit, true);
      chunks.push(chunk);
    }
    return Buffer.concat(chunks);
  }

  async #read(): Promise<Uint8Array | null> {
    if (this.#ended) return null;
    this.#reading = this.#session.readData();
    const octets = await this.#reading;
    this.#reading = null;
    if (octets === null) {
      this.#ended = true;
      this.#onEnd();
    } else {
      this.#octets += octets.length;
    }
    return octets;
  }
}
