import { WrongStateError } from "../errors/usage.ts";
import type { Session } from "../session/pop3-session.ts";

/** A message whose content can be read while it arrives. */
export interface Message {
  readonly messageNumber: number;
  /** How many octets the status line says that the message has, or null. It is a hint, like the listed octets. */
  readonly octetsSaid: number | null;
  readonly content: MessageContent;
}

/** The beginning of a reply's content, or all of it. */
export interface Collected {
  readonly octets: Uint8Array;
  readonly isCut: boolean;
}

/**
 * The octets of one message, un-stuffed. They can be iterated over once. If the iteration is left early, the rest is read
 * and thrown away, so that the session stays in step; where that is too much to read, close the client.
 *
 * The chunks are slices of what the socket received: small messages share a buffer of up to 256 KiB, which stays in
 * memory as long as any slice of it. Copy what is kept for long, or ask for chunks that are only {@link lent}.
 */
export class MessageContent implements AsyncIterable<Uint8Array> {
  /** The listed octets that the request gave, or null. */
  readonly listedOctets: number | null;
  readonly #session: Session;
  readonly #onEnd: (() => void) | null;
  /** Its beginning, where that was read before this was made and was not given yet. */
  #beginning: Uint8Array | null;
  #state: "open" | "waiting" | "passing" | "ended" = "open";
  #waiting: Promise<IteratorResult<Uint8Array, undefined>> | null = null;
  #octets = 0;
  #taken: boolean = false;
  #passedOver: boolean = false;
  #isLent: boolean = false;
  /** The chunk that is lent. */
  #lentChunk: Uint8Array | null = null;

  /** Made by the client. */
  constructor(
    session: Session,
    listedOctets: number | null,
    onEnd: (() => void) | null = null,
    beginning: Uint8Array | null = null,
  ) {
    this.#session = session;
    this.listedOctets = listedOctets;
    this.#onEnd = onEnd;
    this.#beginning = beginning;
  }

  /** Octets received so far. */
  get octets(): number {
    return this.#octets;
  }

  /** True once the terminator was read. Only then is the message complete. */
  get ended(): boolean {
    return this.#state === "ended";
  }

  /**
   * True if the message has ended with fewer octets than were listed. It may have been cut at a line "." that the server
   * did not stuff; then the message itself may have forged its end, and all later replies of a pipelined `retrMany`.
   */
  get suspect(): boolean {
    return this.ended && this.listedOctets !== null && this.#octets < this.listedOctets;
  }

  /**
   * Throws WrongStateError when iterated a second time. The iteration throws ConnectionClosedError, TimeoutError and the
   * like when the message breaks off; it never ends early in silence.
   */
  [Symbol.asyncIterator](): AsyncIterator<Uint8Array, undefined> {
    if (this.#taken) throw new WrongStateError("this message's content was already read or passed over");
    this.#taken = true;
    return {
      next: () => this.#next(),
      return: () => this.#return(),
    };
  }

  /**
   * The same content, to be iterated over in its place, in chunks that are only lent: the memory of one is used again once
   * the next one is asked for. For large messages whose chunks are copied or digested at once that takes less time,
   * because every new piece of memory costs more than to fill it.
   */
  lent(): AsyncIterable<Uint8Array> {
    this.#isLent = true;
    return this;
  }

  /** Reads what is left and throws it away. */
  async drain(): Promise<void> {
    this.#taken = true;
    this.#passedOver ||= !this.ended;
    // An iteration may be waiting for octets at this moment: it gets them, and its next step throws.
    await this.#waiting?.catch(() => undefined);
    if (!this.ended) this.#state = "passing";
    while (!this.ended) {
      const octets = this.#take();
      this.#took(octets === undefined ? await this.#session.replies.awaitData() : octets);
    }
  }

  /**
   * Collects the first `limit` octets, and reads the rest and throws it away. Gives no promise where all of it has
   * arrived already.
   */
  collect(limit: number): Collected | Promise<Collected> {
    this.#taken = true;
    const { replies } = this.#session;
    const chunks: Uint8Array[] = [];
    const take = (octets: Uint8Array | null): void => {
      const before = this.#octets;
      const { value } = this.#took(octets);
      if (value !== undefined && before < limit) chunks.push(value.subarray(0, limit - before));
    };
    const whole = (): Collected => {
      const octets = chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks);
      return { octets, isCut: this.#octets > limit };
    };
    const late = async (octets: Promise<Uint8Array | null>): Promise<Collected> => {
      take(await octets);
      while (!this.ended) take(await replies.readData());
      return whole();
    };
    while (!this.ended) {
      const octets = replies.readData();
      if (octets instanceof Promise) return late(octets);
      take(octets);
    }
    return whole();
  }

  async #return(): Promise<IteratorResult<Uint8Array, undefined>> {
    const { usable } = this.#session;
    try {
      // Even if the session has ended: octets that had arrived before must not be taken for the next reply.
      await this.drain();
    } catch (error) {
      if (usable) throw error;
    }
    return { done: true, value: undefined };
  }

  // No async generator: see SerialIterator.
  async #next(): Promise<IteratorResult<Uint8Array, undefined>> {
    this.#giveBack();
    if (this.#state === "open") {
      const octets = this.#take();
      return octets === undefined ? this.#wait() : this.#took(octets);
    }
    if (this.#waiting !== null) return this.#waiting.then(() => this.#next());
    if (this.#passedOver) throw new WrongStateError("the rest of this message's content was passed over");
    return { done: true, value: undefined };
  }

  /** The next octets that have arrived; see `takeData`. */
  #take(): Uint8Array | null | undefined {
    const beginning = this.#beginning;
    if (beginning === null) return this.#session.replies.takeData();
    this.#beginning = null;
    return beginning;
  }

  #wait(): Promise<IteratorResult<Uint8Array, undefined>> {
    this.#state = "waiting";
    this.#waiting = this.#session.replies.awaitData().then((late) => {
      this.#waiting = null;
      this.#state = this.#passedOver ? "passing" : "open";
      return this.#took(late);
    });
    return this.#waiting;
  }

  #took(octets: Uint8Array | null): IteratorResult<Uint8Array, undefined> {
    if (!this.#session.replies.inBody) this.#end();
    if (octets === null) return { done: true, value: undefined };
    this.#octets += octets.length;
    if (this.#isLent) this.#lentChunk = octets;
    return { done: false, value: octets };
  }

  #giveBack(): void {
    if (this.#lentChunk !== null) this.#session.giveBack(this.#lentChunk);
    this.#lentChunk = null;
  }

  #end(): void {
    this.#state = "ended";
    this.#onEnd?.();
  }
}
