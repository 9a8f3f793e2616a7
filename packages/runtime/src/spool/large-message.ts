import type { Content, SpoolWriter } from "@mailonce/core";
import { BlockContent } from "./block-content.ts";
import { BLOCK_OCTETS, type BlockPool } from "./block-pool.ts";
import type { SpoolFile } from "./spool-file.ts";

/** A large message as it comes: in blocks of the pool, and in a file once the pool has no more of them. */
export class LargeMessage implements SpoolWriter {
  readonly #pool: BlockPool;
  readonly #createFile: () => Promise<SpoolFile>;
  readonly #blocks: Buffer[] = [];
  #file: SpoolFile | null = null;
  /** Where octets go now: the last of the blocks, or what gathers them for the file. */
  #block: Buffer = Buffer.alloc(0);
  #filled = 0;

  /** @param createFile called when the pool has no more blocks */
  constructor(pool: BlockPool, createFile: () => Promise<SpoolFile>) {
    this.#pool = pool;
    this.#createFile = createFile;
  }

  async write(chunk: Uint8Array): Promise<void> {
    for (let from = 0; from < chunk.length; ) {
      if (this.#filled === this.#block.length) await this.#makeRoom();
      const taken = Math.min(chunk.length - from, this.#block.length - this.#filled);
      this.#block.set(chunk.subarray(from, from + taken), this.#filled);
      from += taken;
      this.#filled += taken;
    }
  }

  async finish(): Promise<Content> {
    if (this.#file === null) return new BlockContent(this.#pool, this.#blocks.splice(0), this.#filled);
    await this.#file.write(this.#block.subarray(0, this.#filled));
    return this.#file.finish();
  }

  async discard(): Promise<void> {
    this.#pool.giveBack(this.#blocks.splice(0));
    await this.#file?.discard();
  }

  async #makeRoom(): Promise<void> {
    if (this.#file !== null) await this.#file.write(this.#block);
    else {
      const block = this.#pool.take();
      if (block === null) await this.#moveToFile();
      else {
        this.#blocks.push(block);
        this.#block = block;
      }
    }
    this.#filled = 0;
  }

  async #moveToFile(): Promise<void> {
    this.#file = await this.#createFile();
    for (const block of this.#blocks) await this.#file.write(block);
    this.#pool.giveBack(this.#blocks.splice(0));
    this.#block = Buffer.allocUnsafeSlow(BLOCK_OCTETS);
  }
}
