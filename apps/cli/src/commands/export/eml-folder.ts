import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { join } from "node:path";
import type { StoredMessage } from "@mailonce/core";
import { cannotWrite, fileExists, makeFolder, syncFolder, writeNewFile } from "../../output/new-file.ts";
import type { ContentOf, ExportedFile, ExportTarget } from "./export-target.ts";

/** A folder with a file for each message (mode 0600). Nothing that is there is ever overwritten. */
export class EmlFolder implements ExportTarget {
  readonly path: string;
  readonly #content: ContentOf;

  private constructor(path: string, content: ContentOf) {
    this.path = path;
    this.#content = content;
  }

  /** Makes the folder if it is missing. @throws FailureError (`unwritable`) */
  static async open(path: string, content: ContentOf): Promise<EmlFolder> {
    await makeFolder(path);
    return new EmlFolder(path, content);
  }

  /**
   * Writes a message to the file that is its own by date and id. The file appears whole or not at all.
   * @throws FailureError (`unwritable`) if it cannot be written, or something else has its name
   */
  async write(message: StoredMessage): Promise<ExportedFile> {
    const name = fileName(message);
    const file = join(this.path, name);
    if (await isPresent(file, message)) return { file, status: "present" };
    await writeNewFile(this.path, [name], this.#content(message));
    return { file, status: "written" };
  }

  async settle(): Promise<object> {
    await syncFolder(this.path);
    return {};
  }

  async [Symbol.asyncDispose](): Promise<void> {}
}

/** `20260501-<id>.eml`: the same at every export, and safe on any file system. */
function fileName(message: Pick<StoredMessage, "id" | "date" | "storedAt">): string {
  const [day = ""] = (message.date ?? message.storedAt).toISOString().split("T");
  return `${day.replace(/[^0-9]/g, "")}-${message.id}.eml`;
}

async function isPresent(file: string, message: StoredMessage): Promise<boolean> {
  try {
    const { size } = await stat(file);
    if (size === message.octets && (await digestOf(createReadStream(file))).equals(message.sha256))
      return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return false;
    throw cannotWrite(file, error);
  }
  throw fileExists(file);
}

async function digestOf(octets: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const hash = createHash("sha256");
  for await (const chunk of octets) hash.update(chunk);
  return hash.digest();
}
