import { digestMessage, MessageDigester, type MessageDigests } from "../message/digest.ts";
import { MemoryContent } from "../ports/memory-content.ts";
import type { Content, Spool, SpoolWriter } from "../ports/spool.ts";

/** Messages up to this many octets wait for their transaction in memory, larger ones in the spool. */
const MEMORY_OCTETS = 1024 * 1024;

/** Where a message is kept, and how large it may be. */
export interface ReceiveOptions {
  readonly spool: Spool;
  /** Messages with more octets are not retrieved, or not kept if LIST said less than arrives. */
  readonly maxOctets: number;
}

/** Collects the octets of one message in memory, or in the spool once there are many. */
export class Receiver {
  readonly #options: ReceiveOptions;
  #chunks: Uint8Array[] = [];
  #octets = 0;
  #spooled: { readonly writer: SpoolWriter; readonly digester: MessageDigester } | null = null;
  #exceeded = false;

  constructor(options: ReceiveOptions) {
    this.#options = options;
  }

  /** Number of octets that have arrived. */
  get octets(): number {
    return this.#octets;
  }

  /** Takes a chunk. Gives a promise only where there is something to wait for, as there are many small messages. */
  take(chunk: Uint8Array): Promise<void> | undefined {
    this.#octets += chunk.length;
    if (this.#octets > this.#options.maxOctets) return this.#exceed();
    if (this.#spooled !== null) return this.#spool(chunk);
    this.#chunks.push(chunk);
    return this.#octets > MEMORY_OCTETS ? this.#startSpooling() : undefined;
  }

  /** Gives the whole message, or null if it exceeded the limit. */
  async finish(): Promise<{ readonly content: Content; readonly digests: MessageDigests } | null> {
    if (this.#exceeded) return null;
    if (this.#spooled !== null) {
      const { writer, digester } = this.#spooled;
      return { content: await writer.finish(), digests: digester.finish() };
    }
    const [only] = this.#chunks;
    const bytes = this.#chunks.length === 1 && only !== undefined ? only : Buffer.concat(this.#chunks);
    return { content: new MemoryContent(bytes), digests: digestMessage(bytes) };
  }

  async discard(): Promise<void> {
    this.#chunks = [];
    await this.#spooled?.writer.discard();
    this.#spooled = null;
  }

  async #exceed(): Promise<void> {
    if (!this.#exceeded) await this.discard();
    this.#exceeded = true;
  }

  async #startSpooling(): Promise<void> {
    this.#spooled = { writer: await this.#options.spool.create(), digester: new MessageDigester() };
    for (const kept of this.#chunks.splice(0)) await this.#spool(kept);
  }

  #spool(chunk: Uint8Array): Promise<void> | undefined {
    this.#spooled?.digester.update(chunk);
    return this.#spooled?.writer.write(chunk);
  }
}
