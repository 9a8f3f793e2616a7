import { randomUUID } from "node:crypto";
import { readSync } from "node:fs";
import { type FileHandle, open, unlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { type Content, PART_OCTETS } from "@mailonce/core";
import { SYSTEM_RULES, storeErrors } from "../database/store-errors.ts";

const systemError = storeErrors(SYSTEM_RULES);

/**
 * Runs a transaction that must not wait for the contents that it stores. If it needs contents that can only be read
 * asynchronously, it is rolled back, these are copied to temporary files, and it is run again.
 */
export async function withSyncContents<T>(attempt: (contents: SyncContents) => Promise<T>): Promise<T> {
  await using contents = new SyncContents();
  for (;;) {
    try {
      return await attempt(contents);
    } catch (error) {
      if (!(error instanceof MissingContents)) throw error;
    }
    await contents.copyMissing();
  }
}

/** Reads contents synchronously: from memory, by their own `readSync`, or from copies in temporary files. */
export class SyncContents implements AsyncDisposable {
  readonly #copies = new Map<Content, FileHandle>();
  #missing: readonly Content[] = [];

  /** Says which contents the transaction is going to read. @throws what rolls it back, if some must be copied first */
  need(contents: readonly Content[]): void {
    this.#missing = contents.filter(
      (content) => content.bytes === null && content.readSync === undefined && !this.#copies.has(content),
    );
    this.throwIfMissing();
  }

  /** Throws it again at the end of the transaction, whose work may have caught it. */
  throwIfMissing(): void {
    if (this.#missing.length > 0) throw new MissingContents();
  }

  /** The octets of a content. */
  read(content: Content): Iterable<Uint8Array> {
    if (content.bytes !== null) return [content.bytes];
    const copy = this.#copies.get(content);
    return copy === undefined ? (content.readSync?.() ?? []) : blocksOf(copy.fd);
  }

  async copyMissing(): Promise<void> {
    const missing = this.#missing;
    this.#missing = [];
    for (const content of missing) this.#copies.set(content, await copy(content));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const file of this.#copies.values()) await file.close();
    this.#copies.clear();
  }
}

/** Rolls the transaction back; {@link withSyncContents} catches it. */
class MissingContents extends Error {}

/** Copies a content to a file without a name, which is gone when it is closed, or when the process ends in any way. */
async function copy(content: Content): Promise<FileHandle> {
  const name = path.join(tmpdir(), `mailonce-${randomUUID()}`);
  try {
    const file = await open(name, "wx+", 0o600);
    await unlink(name);
    try {
      for await (const part of content.read()) await file.writeFile(part);
      return file;
    } catch (error) {
      await file.close();
      throw error;
    }
  } catch (error) {
    throw isSystemError(error) ? systemError(error, `The temporary folder ${tmpdir()}`) : error;
  }
}

function isSystemError(error: unknown): boolean {
  return error instanceof Error && "syscall" in error;
}

function* blocksOf(file: number): Generator<Uint8Array> {
  const block = Buffer.allocUnsafeSlow(PART_OCTETS);
  for (let position = 0; ; ) {
    const read = readSync(file, block, 0, block.length, position);
    if (read === 0) return;
    position += read;
    yield block.subarray(0, read);
  }
}
