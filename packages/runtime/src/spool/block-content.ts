import { type Content, PART_OCTETS } from "@mailonce/core";
import type { BlockPool } from "./block-pool.ts";

/** A message in blocks of the pool. Discarding it gives them back. */
export class BlockContent implements Content {
  readonly bytes = null;
  readonly octets: number;
  readonly #pool: BlockPool;
  readonly #blocks: Buffer[];

  /** @param blocks are this content's from now on @param filled octets in the last one; the others are full */
  constructor(pool: BlockPool, blocks: Buffer[], filled: number) {
    this.#pool = pool;
    this.#blocks = blocks;
    this.octets = blocks.length === 0 ? 0 : (blocks.length - 1) * PART_OCTETS + filled;
  }

  async *read(): AsyncIterable<Uint8Array> {
    yield* this.readSync();
  }

  *readSync(): Iterable<Uint8Array> {
    for (let left = this.octets, at = 0; left > 0; left -= PART_OCTETS, at++) {
      const block = this.#blocks[at];
      if (block === undefined) throw new Error("This content was discarded.");
      yield block.subarray(0, left);
    }
  }

  async discard(): Promise<void> {
    this.#pool.giveBack(this.#blocks.splice(0));
  }
}
