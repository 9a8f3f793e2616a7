import { randomUUID } from "node:crypto";
import { link, mkdir, open, rename, unlink } from "node:fs/promises";
import { join } from "node:path";
import { FailureError } from "@mailonce/runtime";

/**
 * Makes a folder (mode 0700) if it is missing, but not those above it: a mistyped path shall not make a tree of folders.
 * @throws FailureError (`unwritable`)
 */
export async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path, { mode: 0o700 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw cannotWrite(path, error);
  }
}

/** How a new file is written. */
interface NewFileOptions {
  /** Where it stands until it is whole, on the same file system; the folder itself if absent. */
  readonly temporaryFolder?: string;
  /** The time that it shall have; the present if absent. */
  readonly modified?: Date;
}

/** A name in the folder for a file that is not whole yet. */
export function temporaryFile(folder: string): string {
  return join(folder, `.mailonce-${randomUUID()}.tmp`);
}

/** The names in a folder are on the disk, whatever happens, once this resolves. @throws FailureError (`unwritable`) */
export async function syncFolder(path: string): Promise<void> {
  try {
    await using handle = await open(path, "r");
    await handle.sync();
  } catch (error) {
    // Windows opens no folders, and some file systems know no such request: then the names are in nobody's hand.
    const { code = "" } = error as NodeJS.ErrnoException;
    if (!["EISDIR", "EPERM", "EINVAL", "ENOTSUP"].includes(code)) throw cannotWrite(path, error);
  }
}

/**
 * Writes a new file (mode 0600) under the first of the names that nothing in the folder has. The file appears whole or not
 * at all, and nothing that is there is overwritten.
 * @returns its path
 * @throws FailureError (`unwritable`) if it cannot be written, or all names are taken; what `content` throws
 */
export async function writeNewFile(
  folder: string,
  names: Iterable<string>,
  content: AsyncIterable<Uint8Array>,
  { temporaryFolder = folder, modified }: NewFileOptions = {},
): Promise<string> {
  const temporary = temporaryFile(temporaryFolder);
  let file = folder;
  let isWritten = false;
  try {
    for (const name of names) {
      file = join(folder, name);
      if (!isWritten) await writeAll(temporary, content, modified);
      isWritten = true;
      if (await placeFile(temporary, file)) return file;
    }
  } catch (error) {
    throw cannotWrite(file, error);
  } finally {
    await unlink(temporary).catch(() => undefined);
  }
  throw fileExists(file);
}

/** What is said where a name is taken. */
export function fileExists(file: string): FailureError {
  return new FailureError(
    "file-exists",
    `something else is there already, and is left as it is: ${file}`,
    "unwritable",
  );
}

/** An error of the file system in words; any other error as it is. */
export function cannotWrite(path: string, error: unknown): Error {
  const { code } = error as NodeJS.ErrnoException;
  // Only errors of the file system, which have an upper-case code, need words; all others say themselves what is wrong.
  if (code === undefined || !/^E[A-Z0-9]+$/.test(code)) return error as Error;
  const why = WHY[code] ?? code;
  return new FailureError("cannot-write", `cannot write ${path}: ${why}`, "unwritable");
}

const WHY: Readonly<Record<string, string>> = {
  EACCES: "you may not write there",
  ENAMETOOLONG: "the name is too long",
  ENOENT: "the folder that it is to be in does not exist",
  ENOSPC: "the disk is full",
  ENOTDIR: "what is above it is no folder",
  EROFS: "the file system is read-only",
};

async function writeAll(
  file: string,
  content: AsyncIterable<Uint8Array>,
  modified: Date | undefined,
): Promise<void> {
  await using handle = await open(file, "wx", 0o600);
  for await (const octets of content) await handle.writeFile(octets);
  if (modified !== undefined) await handle.utimes(modified, modified);
  // The octets are on the disk before the file gets its name: after a crash a name stands for a whole file.
  await handle.datasync();
}

/**
 * Gives the file its name by a hard link, which fails where the name is taken; renaming would replace the other file.
 * @returns false if the name is taken
 */
export async function placeFile(temporary: string, file: string): Promise<boolean> {
  try {
    await link(temporary, file);
    return true;
  } catch (error) {
    const { code = "" } = error as NodeJS.ErrnoException;
    if (code === "EEXIST") return false;
    if (!["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EMLINK"].includes(code)) throw error;
  }
  // On file systems without hard links the name is taken first, by an empty file, which renaming then replaces.
  try {
    await (await open(file, "wx", 0o600)).close();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
  try {
    await rename(temporary, file);
  } catch (error) {
    await unlink(file).catch(() => undefined);
    throw error;
  }
  return true;
}
