import { PART_OCTETS } from "@mailonce/core";

/**
 * Memory for large messages, in blocks that are used again, because to allocate memory costs more than to fill it.
 */
export class BlockPool {
  readonly #most: number;
  readonly #free: Buffer[] = [];
  #lent = 0;

  /** @param octets the most that is lent at a time */
  constructor(octets: number) {
    this.#most = Math.floor(octets / PART_OCTETS);
  }

  /** A block to keep, or null if all are lent. */
  take(): Buffer | null {
    if (this.#lent === this.#most) return null;
    this.#lent++;
    return this.#free.pop() ?? Buffer.allocUnsafeSlow(PART_OCTETS);
  }

  /** Takes blocks back that nobody uses any more. */
  giveBack(blocks: readonly Buffer[]): void {
    this.#lent -= blocks.length;
    this.#free.push(...blocks);
  }

  /**
   * Takes the blocks of a message back that goes to a file. If it had all of them, it is a very large one, which takes long
   * and needs other memory: then they are freed.
   */
  release(blocks: readonly Buffer[]): void {
    this.giveBack(blocks);
    if (blocks.length < this.#most) return;
    for (const block of this.#free.splice(0)) freeNow(block);
  }
}

/** Frees the memory of a block, since Node 22 at once and not when garbage is collected. */
function freeNow({ buffer }: Buffer): void {
  (buffer as { readonly transfer?: (octets: number) => ArrayBuffer }).transfer?.(0);
}
