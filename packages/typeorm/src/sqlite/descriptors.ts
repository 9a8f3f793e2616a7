import path from "node:path";
import { type FileKey, fileKey, openFiles } from "./open-files.ts";

/**
 * The descriptors by which each library has its files open, as far as our adapter opened them. A module's class of
 * connections stands for its library.
 */
const known = new WeakMap<object, Map<FileKey, Set<number>>>();

/** Opens a file by a library, and notes the descriptors that come of it. */
export function noting<T>(library: object, file: string, open: () => T): T {
  const before = descriptorsOf(file);
  const opened = open();
  const after = descriptorsOf(file);
  if (after === null) return opened;
  const files = known.get(library) ?? new Map<FileKey, Set<number>>();
  known.set(library, files);
  const noted = notedOf(library, after);
  for (const descriptor of after.descriptors)
    if (!before?.descriptors.includes(descriptor)) noted.add(descriptor);
  files.set(after.key, noted);
  return opened;
}

/**
 * How many descriptors of the file are this library's. Those of a closed connection count as long as they are there:
 * SQLite keeps some as long as others of the library hold locks, and `@photostructure/sqlite` 1.2 keeps them all until
 * the connection's statements are collected.
 */
export function descriptorsBy(library: object, key: FileKey, descriptors: readonly number[]): number {
  return notedOf(library, { key, descriptors }).size;
}

/** After a connection was closed: the system gives its descriptors' numbers to others. */
export function noteClosed(library: object, file: string): void {
  const open = descriptorsOf(file);
  if (open !== null) notedOf(library, open);
}

interface OpenFile {
  readonly key: FileKey;
  readonly descriptors: readonly number[];
}

function notedOf(library: object, { key, descriptors }: OpenFile): Set<number> {
  const noted = known.get(library)?.get(key) ?? new Set<number>();
  for (const descriptor of noted) if (!descriptors.includes(descriptor)) noted.delete(descriptor);
  return noted;
}

/** Null if it is no file, or the system does not tell. */
function descriptorsOf(file: string): OpenFile | null {
  const key = file === "" || file.startsWith(":") ? null : fileKey(path.resolve(file));
  const files = key === null ? null : openFiles();
  return key === null || files === null ? null : { key, descriptors: files.get(key) ?? [] };
}
