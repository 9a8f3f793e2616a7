import { randomUUID } from "node:crypto";
import { readSync } from "node:fs";
import { type FileHandle, open, unlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Content } from "@mailonce/core";
import { SYSTEM_RULES, storeErrors } from "../database/store-errors.ts";

const systemError = storeErrors(SYSTEM_RULES);

const BLOCK_OCTETS = 256 * 1024;

/**
 * Runs a transaction that reads contents without waiting. Where it needs some that can only be waited for, it is undone
 * and run again once they are copied to files of ours.
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

/** Contents that can be read without waiting. */
export class SyncContents implements AsyncDisposable {
  readonly #copies = new Map<Content, FileHandle>();
  #missing: readonly Content[] = [];

  /** The transaction will read these. @throws what undoes the transaction, where some must be copied before */
  need(contents: readonly Content[]): void {
    this.#missing = contents.filter(
      (content) => content.bytes === null && content.readSync === undefined && !this.#copies.has(content),
    );
    this.throwIfMissing();
  }

  /** Once more at the end: the work of the transaction may have caught it. */
  throwIfMissing(): void {
    if (this.#missing.length > 0) throw new MissingContents();
  }

  /** The octets of one of them. */
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

/** Only {@link withSyncContents} sees it. */
class MissingContents extends Error {}

/** A file without a name: it is gone when it is closed, whatever becomes of the process. */
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
  for (let position = 0; ; ) {
    const block = Buffer.allocUnsafeSlow(BLOCK_OCTETS);
    const read = readSync(file, block, 0, block.length, position);
    if (read === 0) return;
    position += read;
    yield block.subarray(0, read);
  }
}
