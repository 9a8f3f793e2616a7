import { MessageDigester, type MessageDigests } from "../message/digest.ts";
import type { Content, Spool, SpoolWriter } from "../ports/spool.ts";

/** Where a message is kept, and how large it may be. */
export interface ReceiveOptions {
  readonly spool: Spool;
  /** Messages with more octets are not retrieved, or not kept if LIST said less than arrives. */
  readonly maxOctets: number;
}

/** Takes the octets of one large message as they arrive: into the spool, and into its digests. */
export class Receiver {
  readonly #maxOctets: number;
  readonly #digester = new MessageDigester();
  /** Null once the message exceeded the limit. */
  #writer: SpoolWriter | null;
  #octets = 0;

  private constructor(writer: SpoolWriter, maxOctets: number) {
    this.#writer = writer;
    this.#maxOctets = maxOctets;
  }

  static async create({ spool, maxOctets }: ReceiveOptions): Promise<Receiver> {
    return new Receiver(await spool.create(), maxOctets);
  }

  /** Number of octets that have arrived. */
  get octets(): number {
    return this.#octets;
  }

  /** Takes a chunk. Gives a promise only where there is something to wait for, as a large message has many chunks. */
  take(chunk: Uint8Array): Promise<void> | undefined {
    this.#octets += chunk.length;
    if (this.#octets > this.#maxOctets) return this.discard();
    this.#digester.update(chunk);
    return this.#writer?.write(chunk);
  }

  /** Gives the whole message, or null if it exceeded the limit. */
  async finish(): Promise<{ readonly content: Content; readonly digests: MessageDigests } | null> {
    if (this.#writer === null) return null;
    return { content: await this.#writer.finish(), digests: this.#digester.finish() };
  }

  /** Removes what was kept. */
  async discard(): Promise<void> {
    const writer = this.#writer;
    this.#writer = null;
    await writer?.discard();
  }
}
