import { tmpdir } from "node:os";
import type { Spool, SpoolWriter } from "@mailonce/core";
import { BlockPool } from "./block-pool.ts";
import { LargeMessage } from "./large-message.ts";
import { cannotSpool, SpoolFile } from "./spool-file.ts";
import { removeLeftovers, SpoolFolder } from "./spool-folder.ts";

/** Octets of large messages that a process holds in memory until they are recorded: 32 MiB. */
const MEMORY_OCTETS = 32 * 1024 * 1024;

/**
 * Where large messages wait until they are recorded: in memory, as long as all that wait have room there, else in files
 * (mode 0600) in a temporary folder of this process (mode 0700). Disposal removes the folder, and so does the end of
 * the process; what a killed process left behind is removed when the next one spools its first message.
 */
export class FileSpool implements Spool, AsyncDisposable {
  readonly #parent: string;
  readonly #folder: SpoolFolder;
  readonly #pool: BlockPool;
  #ready: Promise<void> | null = null;

  /**
   * @param parent where the folder is made; the system's temporary folder by default
   * @param memoryOctets how much waits in memory, over all messages of the process
   */
  constructor(parent: string = tmpdir(), memoryOctets: number = MEMORY_OCTETS) {
    this.#parent = parent;
    this.#folder = new SpoolFolder(parent);
    this.#pool = new BlockPool(memoryOctets);
  }

  /** @throws FailureError, as `write` does, where the folder cannot be read or written */
  async create(): Promise<SpoolWriter> {
    try {
      this.#ready ??= removeLeftovers(this.#parent);
      await this.#ready;
    } catch (error) {
      throw cannotSpool(this.#parent, error);
    }
    return new LargeMessage(this.#pool, () => this.#createFile());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#folder.remove();
  }

  async #createFile(): Promise<SpoolFile> {
    try {
      return await SpoolFile.create(await this.#folder.path());
    } catch (error) {
      throw cannotSpool(this.#parent, error);
    }
  }
}
