import { type FileHandle, open, unlink } from "node:fs/promises";
import { dirname } from "node:path";
import type { StoredMessage } from "@mailonce/core";
import { cannotWrite, fileExists, placeFile, syncFolder, temporaryFile } from "../../output/new-file.ts";
import type { ContentOf, ExportedFile, ExportTarget } from "./export-target.ts";
import { isThere } from "./file-mark.ts";

/** A new file (mode 0600) with all messages. It appears when it is settled, whole; it overwrites nothing. */
export class WholeFile implements ExportTarget {
  readonly path: string;
  readonly #content: ContentOf;
  readonly #temporary: string;
  readonly #handle: FileHandle;

  private constructor(path: string, content: ContentOf, temporary: string, handle: FileHandle) {
    this.path = path;
    this.#content = content;
    this.#temporary = temporary;
    this.#handle = handle;
  }

  /** @throws FailureError (`unwritable`) if there is something of this name, or it cannot be written */
  static async open(path: string, content: ContentOf): Promise<WholeFile> {
    try {
      // Better told now than after all has been written.
      if (await isThere(path)) throw fileExists(path);
      const temporary = temporaryFile(dirname(path));
      return new WholeFile(path, content, temporary, await open(temporary, "wx", 0o600));
    } catch (error) {
      throw cannotWrite(path, error);
    }
  }

  async write(message: StoredMessage): Promise<ExportedFile> {
    try {
      for await (const octets of this.#content(message)) await this.#handle.writeFile(octets);
    } catch (error) {
      throw cannotWrite(this.path, error);
    }
    return { file: this.path, status: "written" };
  }

  async settle(): Promise<object> {
    try {
      await this.#handle.datasync();
      if (!(await placeFile(this.#temporary, this.path))) throw fileExists(this.path);
    } catch (error) {
      throw cannotWrite(this.path, error);
    }
    await syncFolder(dirname(this.path));
    return {};
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#handle.close().catch(() => undefined);
    await unlink(this.#temporary).catch(() => undefined);
  }
}
