import { realpathSync } from "node:fs";
import { basename, dirname } from "node:path";
import { MailonceError } from "@mailonce/core";
import type { BetterSqlite3Driver } from "./better-sqlite3-adapter.ts";
import { descriptorsBy } from "./descriptors.ts";
import { otherLibraries } from "./libraries.ts";
import { type FileKey, fileKey, nameOfDescriptor, openFiles } from "./open-files.ts";

/**
 * Who else in this process has a database's file open, as far as the system tells.
 *
 * Two SQLite libraries in one process do not see each other's locks on a file, and what one of them closes drops the
 * locks of the other: POSIX locks belong to the process. They destroy the file.
 */
export type Sharing =
  /** Nobody, or only users of the same library. */
  | { readonly kind: "safe" }
  /** Another library, too. */
  | { readonly kind: "shared" }
  /** Somebody, and there are several libraries in the process: perhaps by the same one, perhaps by another. */
  | { readonly kind: "unknown"; readonly libraries: readonly string[] }
  /** By another of its names (a hard link), beside which SQLite would keep another log. */
  | { readonly kind: "linked"; readonly name: string };

const SAFE: Sharing = { kind: "safe" };

/**
 * Who has the file open, seen from one who uses it, or is about to use it, by `driver`.
 *
 * A library has the `-shm` file of a database in WAL mode open once, however many connections there are: so as many
 * descriptors of it, so many libraries. Of the database itself there is a descriptor for each connection.
 *
 * @param own connections by that driver which are known of, where it is not our adapter
 */
export function sharing(file: string, driver: BetterSqlite3Driver, own = 0): Sharing {
  const files = openFiles();
  const key = fileKey(file);
  const descriptors = key === null ? undefined : files?.get(key);
  if (files === null || key === null || descriptors === undefined) return SAFE;
  const path = realpathSync(file);
  for (const name of descriptors.map(nameOfDescriptor))
    if (name !== null && !isSameName(name, path)) return { kind: "linked", name };
  const inWal = librariesInWal(path, files);
  if (inWal > 1) return { kind: "shared" };
  const library = driver.adapted?.().DatabaseSync;
  const known = library === undefined ? own : descriptorsBy(library, key, descriptors);
  if (descriptors.length <= known || (inWal === 1 && known > 0)) return SAFE;
  const libraries = otherLibraries(driver);
  return libraries.length === 0 ? SAFE : { kind: "unknown", libraries };
}

/** By whichever way: a folder may be mounted at several places. */
function isSameName(one: string, other: string): boolean {
  if (one === other) return true;
  const folder = fileKey(dirname(one));
  return folder === null || (folder === fileKey(dirname(other)) && basename(one) === basename(other));
}

/**
 * True if another library, too, has a database open that this process has open by one of them in WAL mode.
 *
 * @param path without links
 */
export function isSharedInWal(path: string): boolean {
  const files = openFiles();
  return files !== null && librariesInWal(path, files) > 1;
}

function librariesInWal(path: string, files: ReadonlyMap<FileKey, readonly number[]>): number {
  const key = fileKey(`${path}-shm`);
  return key === null ? 0 : (files.get(key)?.length ?? 0);
}

/** @throws MailonceError (`sqlite-shared`) if that is sure, or if it may be and nobody vouches for the library */
export function refuseShared(place: string, who: Sharing, isVouchedFor: boolean): void {
  if (who.kind === "shared") throw sharedError(place);
  if (who.kind === "unknown" && !isVouchedFor)
    throw new MailonceError(
      "sqlite-shared",
      `${place} is open in this process, perhaps by another SQLite library than the store's (${who.libraries.join(", ")}). ${WHY} ${REMEDY}`,
    );
  if (who.kind === "linked")
    throw new MailonceError(
      "sqlite-shared",
      `${place} is open in this process under another name (${who.name}): SQLite would keep a log for each name and destroy the file. Use one name for all.`,
    );
}

export function sharedError(place: string): MailonceError {
  return new MailonceError(
    "sqlite-shared",
    `${place} is open in this process by another SQLite library than the store's. ${WHY} ${REMEDY}`,
  );
}

const WHY = "Two of them do not see each other's locks, and would destroy the file.";
const REMEDY =
  "Use one for all: give openStore the library that the program opens the file with (option driver), or createStore the program's DataSource.";

const leftOpen = new Set<object>();

/**
 * Keeps a connection, or what holds it, for as long as the process lives: to close it would drop the locks of the other
 * library, and with the garbage it would be closed.
 */
export function leaveOpen(connection: object): void {
  leftOpen.add(connection);
}
