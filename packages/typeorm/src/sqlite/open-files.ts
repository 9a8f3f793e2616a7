import { fstatSync, readdirSync, readlinkSync, statSync } from "node:fs";
import process from "node:process";

/** What tells a file from all others, whatever its names: its device and its number on it. */
export type FileKey = string;

/** Null if there is no such file. */
export function fileKey(path: string): FileKey | null {
  const stat = statSync(path, { bigint: true, throwIfNoEntry: false });
  return stat === undefined ? null : `${stat.dev}:${stat.ino}`;
}

/**
 * The descriptors that this process has open on each file. Null where the system does not tell, or where it does not
 * matter: a lock on Windows belongs to a handle, not to the process, so libraries do see each other's.
 */
export function openFiles(): ReadonlyMap<FileKey, readonly number[]> | null {
  const folder = FOLDERS[process.platform];
  if (folder === undefined) return null;
  const files = new Map<FileKey, number[]>();
  for (const descriptor of descriptors(folder)) {
    const key = keyOfDescriptor(descriptor);
    if (key === null) continue;
    const others = files.get(key);
    if (others === undefined) files.set(key, [descriptor]);
    else others.push(descriptor);
  }
  return files;
}

/** By which name a file was opened; null where the system does not tell. */
export function nameOfDescriptor(descriptor: number): string | null {
  try {
    return process.platform === "linux" ? readlinkSync(`/proc/self/fd/${descriptor}`) : null;
  } catch {
    return null;
  }
}

const FOLDERS: Readonly<Record<string, string>> = { linux: "/proc/self/fd", darwin: "/dev/fd" };

function descriptors(folder: string): readonly number[] {
  try {
    return readdirSync(folder).map(Number);
  } catch {
    // A system without /proc.
    return [];
  }
}

/** By the descriptor alone: to open a database's file and to close it again would drop the locks on it. */
function keyOfDescriptor(descriptor: number): FileKey | null {
  try {
    const stat = fstatSync(descriptor, { bigint: true });
    return stat.isFile() ? `${stat.dev}:${stat.ino}` : null;
  } catch {
    // The one by which the folder was read.
    return null;
  }
}
