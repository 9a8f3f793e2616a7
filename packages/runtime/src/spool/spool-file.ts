import { closeSync, createReadStream, openSync, readSync } from "node:fs";
import { type FileHandle, open, unlink } from "node:fs/promises";
import { join } from "node:path";
import { type Content, PART_OCTETS } from "@mailonce/core";
import { FailureError } from "../failure/failure-error.ts";

let files = 0;

/** A file for one message, in a folder that only this process uses. */
export class SpoolFile {
  readonly #path: string;
  readonly #file: FileHandle;
  #octets = 0;

  constructor(path: string, file: FileHandle) {
    this.#path = path;
    this.#file = file;
  }

  static async create(folder: string): Promise<SpoolFile> {
    const path = join(folder, String(files++));
    return new SpoolFile(path, await open(path, "wx", 0o600));
  }

  /** @throws FailureError where it cannot be written */
  async write(octets: Uint8Array): Promise<void> {
    try {
      await this.#file.writeFile(octets);
    } catch (error) {
      throw cannotSpool(this.#path, error);
    }
    this.#octets += octets.length;
  }

  /** Closes it, and gives its content, which is there until it is discarded. */
  async finish(): Promise<Content> {
    await this.#file.close();
    const path = this.#path;
    return {
      octets: this.#octets,
      bytes: null,
      read: () => createReadStream(path, { highWaterMark: PART_OCTETS }),
      readSync: () => blocksOf(path),
      discard: () => remove(path),
    };
  }

  async discard(): Promise<void> {
    await this.#file.close();
    await remove(this.#path);
  }
}

function* blocksOf(path: string): Generator<Uint8Array> {
  const file = openSync(path, "r");
  try {
    const block = Buffer.allocUnsafeSlow(PART_OCTETS);
    for (;;) {
      const read = readSync(file, block);
      if (read === 0) return;
      yield block.subarray(0, read);
    }
  } finally {
    closeSync(file);
  }
}

/** The error where a large message cannot be written, with what a person can do about it. */
export function cannotSpool(path: string, error: unknown): FailureError {
  const { code = "unknown error" } = error as NodeJS.ErrnoException;
  const why = code === "ENOSPC" || code === "EDQUOT" ? "its disk is full" : code;
  const message = `cannot keep a large message in the temporary folder (${path}): ${why}; TMPDIR names another`;
  return new FailureError("cannot-spool", message, "unavailable", { cause: error });
}

async function remove(path: string): Promise<void> {
  await unlink(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "ENOENT") throw error;
  });
}
