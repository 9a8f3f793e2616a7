import { createHash, randomUUID } from "node:crypto";
import { createReadStream } from "node:fs";
import { type FileHandle, link, mkdir, open, rename, stat, unlink } from "node:fs/promises";
import { join } from "node:path";
import type { StoredMessage } from "@mailonce/core";
import { FailureError } from "@mailonce/runtime";

/** What became of one message. */
export interface ExportedFile {
  /** Absolute. */
  readonly file: string;
  /** `present`: it was there already with the same octets. */
  readonly status: "written" | "present";
}

/** The folder that messages are exported to, one file each (mode 0600). Nothing that is there is ever overwritten. */
export class ExportFolder {
  readonly path: string;

  private constructor(path: string) {
    this.path = path;
  }

  /** Makes the folder if it is missing. @throws FailureError (`unwritable`) */
  static async open(path: string): Promise<ExportFolder> {
    try {
      // The folder alone is made, not those above it: a mistyped path shall not make a tree of folders.
      await mkdir(path, { mode: 0o700 });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw cannotWrite(path, error);
    }
    return new ExportFolder(path);
  }

  /**
   * Writes a message to the file that is its own by date and id. The file appears whole or not at all.
   * @throws FailureError (`unwritable`) if it cannot be written, or something else has its name
   */
  async write(message: StoredMessage, content: () => AsyncIterable<Uint8Array>): Promise<ExportedFile> {
    const file = join(this.path, fileName(message));
    if (await isPresent(file, message)) return { file, status: "present" };
    const temporary = join(this.path, `.mailonce-${randomUUID()}.tmp`);
    try {
      const handle = await open(temporary, "wx", 0o600);
      try {
        await writeAll(handle, content(), message);
      } finally {
        await handle.close();
      }
      await place(temporary, file);
    } catch (error) {
      throw cannotWrite(file, error);
    } finally {
      await unlink(temporary).catch(() => undefined);
    }
    return { file, status: "written" };
  }
}

/** `20260501-<id>.eml`: the same at every export, and safe on any file system. */
export function fileName(message: Pick<StoredMessage, "id" | "date" | "storedAt">): string {
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
  throw new FailureError(
    "file-exists",
    `something else is there already, and is left as it is: ${file}`,
    "unwritable",
  );
}

async function digestOf(octets: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const hash = createHash("sha256");
  for await (const chunk of octets) hash.update(chunk);
  return hash.digest();
}

async function writeAll(
  handle: FileHandle,
  content: AsyncIterable<Uint8Array>,
  message: StoredMessage,
): Promise<void> {
  const hash = createHash("sha256");
  for await (const octets of content) {
    hash.update(octets);
    await handle.writeFile(octets);
  }
  if (!hash.digest().equals(message.sha256)) {
    throw new FailureError(
      "damaged-message",
      `message ${message.id} is damaged in the database: its octets do not match their SHA-256`,
      "unavailable",
    );
  }
  // The octets are on the disk before the file gets its name: after a crash a name stands for a whole message.
  await handle.datasync();
}

/** Gives the file its name by a hard link, which fails where the name is taken; renaming would replace the other file. */
async function place(temporary: string, file: string): Promise<void> {
  try {
    await link(temporary, file);
  } catch (error) {
    const { code = "" } = error as NodeJS.ErrnoException;
    // On file systems without hard links it is renamed: a moment ago nothing had that name.
    if (!["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EMLINK"].includes(code)) throw error;
    await rename(temporary, file);
  }
}

const WHY: Readonly<Record<string, string>> = {
  EACCES: "you may not write there",
  ENOENT: "the folder that it is to be in does not exist",
  ENOSPC: "the disk is full",
  ENOTDIR: "what is above it is no folder",
  EROFS: "the file system is read-only",
};

function cannotWrite(path: string, error: unknown): Error {
  const { code } = error as NodeJS.ErrnoException;
  // Only errors of the file system, which have an upper-case code, need words; all others say themselves what is wrong.
  if (code === undefined || !/^E[A-Z0-9]+$/.test(code)) return error as Error;
  const why = WHY[code] ?? code;
  return new FailureError("cannot-write", `cannot write ${path}: ${why}`, "unwritable");
}
