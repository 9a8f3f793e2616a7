import { createHash } from "node:crypto";
import { type FileHandle, lstat } from "node:fs/promises";

/** So many octets at the beginning and at the end are compared. */
const COMPARED = 64 * 1024;

/** Whether there is anything of this name. */
export async function isThere(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return false;
    throw error;
  }
}

/**
 * By what the first octets of a file are known again: a digest of where they begin and where they end. Of none, it is which
 * file it is to the file system.
 */
export async function markOf(file: FileHandle, octets: number): Promise<string> {
  if (octets === 0) {
    const { dev, ino, birthtimeNs } = await file.stat({ bigint: true });
    return `empty ${dev} ${ino} ${birthtimeNs}`;
  }
  const hash = createHash("sha256");
  const length = Math.min(COMPARED, octets);
  for (const start of [0, octets - length]) {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, start);
    hash.update(buffer.subarray(0, bytesRead));
  }
  return hash.digest("hex");
}
