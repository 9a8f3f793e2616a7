import { type Content, PART_OCTETS, type SpoolWriter } from "@mailonce/core";
import { BlockContent } from "./block-content.ts";
import type { BlockPool } from "./block-pool.ts";
import type { SpoolFile } from "./spool-file.ts";

/** A large message as it comes: in blocks of the pool, and in a file once the pool has no more of them. */
export class LargeMessage implements SpoolWriter {
  readonly #pool: BlockPool;
  readonly #createFile: () => Promise<SpoolFile>;
  readonly #blocks: Buffer[] = [];
  #file: SpoolFile | null = null;
  /** The block that is being filled: the last of `#blocks`, or a buffer in front of the file. */
  #block: Buffer = Buffer.alloc(0);
  #filled = 0;

  /** @param createFile called when the pool has no more blocks */
  constructor(pool: BlockPool, createFile: () => Promise<SpoolFile>) {
    this.#pool = pool;
    this.#createFile = createFile;
  }

  write(chunk: Uint8Array): Promise<void> | undefined {
    let from = this.#fill(chunk);
    while (from < chunk.length) {
      if (!this.#takeBlock()) return this.#writeToFile(chunk.subarray(from));
      from += this.#fill(chunk.subarray(from));
    }
    return undefined;
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

  /** Fills the block. @returns how many octets of the chunk it took */
  #fill(chunk: Uint8Array): number {
    const taken = Math.min(chunk.length, this.#block.length - this.#filled);
    this.#block.set(taken === chunk.length ? chunk : chunk.subarray(0, taken), this.#filled);
    this.#filled += taken;
    return taken;
  }

  /** Begins another block. Gives false if there is none, and the rest must go to a file. */
  #takeBlock(): boolean {
    const block = this.#file === null ? this.#pool.take() : null;
    if (block === null) return false;
    this.#blocks.push(block);
    this.#block = block;
    this.#filled = 0;
    return true;
  }

  /** Writes the rest to the file, through the block, which is full. */
  async #writeToFile(chunk: Uint8Array): Promise<void> {
    for (let from = 0; from < chunk.length; from += this.#fill(chunk.subarray(from))) {
      if (this.#filled < this.#block.length) continue;
      if (this.#file === null) await this.#moveToFile();
      else await this.#file.write(this.#block);
      this.#filled = 0;
    }
  }

  async #moveToFile(): Promise<void> {
    this.#file = await this.#createFile();
    for (const block of this.#blocks) await this.#file.write(block);
    this.#pool.release(this.#blocks.splice(0));
    this.#block = Buffer.allocUnsafeSlow(PART_OCTETS);
  }
}
