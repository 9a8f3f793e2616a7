import { type FileHandle, open } from "node:fs/promises";
import { dirname } from "node:path";
import type { StoredMessage } from "@mailonce/core";
import { type ExportPlace, type ExportProgress, FailureError, type HeldExport } from "@mailonce/runtime";
import { cannotWrite, fileExists, syncFolder } from "../../output/new-file.ts";
import type { ContentOf, ExportedFile, ExportTarget } from "./export-target.ts";
import { markOf } from "./file-mark.ts";

/** Octets of a message that are written at once. */
const PIECE = 1024 * 1024;

/**
 * The one file of an export of what is new. The export's progress says how much of it is noted; what is behind that was
 * written by a run that was killed, and is cut off when it is opened.
 */
export class GrowingFile implements ExportTarget {
  readonly path: string;
  readonly #held: HeldExport;
  readonly #content: ContentOf;
  readonly #handle: FileHandle;
  /** Octets of whole messages. */
  #octets: number;
  /** There is a part of a message behind them. */
  #hasTail = false;

  private constructor(path: string, held: HeldExport, content: ContentOf, handle: FileHandle) {
    this.path = path;
    this.#held = held;
    this.#content = content;
    this.#handle = handle;
    this.#octets = held.progress.fileOctets;
  }

  /**
   * Makes the file where the export begins with it, else opens it as the export's last run has left it, and notes that there
   * may be more in it than is noted from now on.
   * @throws FailureError (`unwritable`) if it cannot be written, or is not as the export has left it
   */
  static async open(held: HeldExport, place: ExportPlace, content: ContentOf): Promise<GrowingFile> {
    const { path } = place;
    const { progress } = held;
    const isSame = progress.place?.path === path && progress.place.format === place.format;
    try {
      const there = await openThere(path);
      const handle = there ?? (await begin(held, place, isSame));
      try {
        if (there !== null) await resume(held, place, there, isSame);
        return new GrowingFile(path, held, content, handle);
      } catch (error) {
        await handle.close();
        throw error;
      }
    } catch (error) {
      throw cannotWrite(path, error);
    }
  }

  async write(message: StoredMessage): Promise<ExportedFile> {
    let position = this.#octets;
    let waiting: Uint8Array[] = [];
    let length = 0;
    const flush = async (): Promise<void> => {
      await this.#held.confirm();
      this.#hasTail = true;
      await writeAt(this.#handle, Buffer.concat(waiting), position);
      position += length;
      waiting = [];
      length = 0;
    };
    try {
      for await (const octets of this.#content(message)) {
        waiting.push(octets);
        length += octets.length;
        if (length >= PIECE) await flush();
      }
      await flush();
    } catch (error) {
      throw cannotWrite(this.path, error);
    }
    this.#octets = position;
    this.#hasTail = false;
    return { file: this.path, status: "written" };
  }

  async settle(): Promise<Partial<ExportProgress>> {
    try {
      if (this.#hasTail) {
        await this.#held.confirm();
        await this.#handle.truncate(this.#octets);
        this.#hasTail = false;
      }
      await this.#handle.datasync();
      return { fileOctets: this.#octets, fileMark: await markOf(this.#handle, this.#octets) };
    } catch (error) {
      throw cannotWrite(this.path, error);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#handle.close().catch(() => undefined);
  }
}

async function openThere(path: string): Promise<FileHandle | null> {
  try {
    return await open(path, "r+");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
}

/** Makes the file. */
async function begin(held: HeldExport, place: ExportPlace, isSame: boolean): Promise<FileHandle> {
  if (isSame && held.progress.fileOctets > 0) throw changed(place.path, "is gone");
  // Before there is a file, so that one which a kill has left empty or half written is known to be the export's own.
  await held.note([], { place, fileOctets: 0, fileMark: null, endedCleanly: false });
  const handle = await open(place.path, "wx+", 0o600).catch((error: unknown) => {
    throw (error as NodeJS.ErrnoException).code === "EEXIST" ? fileExists(place.path) : error;
  });
  try {
    await syncFolder(dirname(place.path));
    await held.note([], { fileMark: await markOf(handle, 0) });
    return handle;
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/** Looks whether the file is as the export has left it, and cuts off what is not noted. An empty file is as good as none. */
async function resume(
  held: HeldExport,
  place: ExportPlace,
  handle: FileHandle,
  isSame: boolean,
): Promise<void> {
  const { fileOctets, fileMark, endedCleanly } = isSame
    ? held.progress
    : { fileOctets: 0, fileMark: null, endedCleanly: true };
  const { size } = await handle.stat();
  if (!isSame && size > 0) throw fileExists(place.path);
  if (size < fileOctets) throw changed(place.path, "is shorter");
  if (size > fileOctets && endedCleanly) throw changed(place.path, "is longer");
  const mark = await markOf(handle, fileOctets);
  if (size > 0 && mark !== fileMark) throw changed(place.path, "has become another one");
  await held.note([], { place, fileOctets, fileMark: mark, endedCleanly: false });
  if (size === fileOctets) return;
  await held.confirm();
  await handle.truncate(fileOctets);
  await handle.datasync();
}

function changed(path: string, what: string): FailureError {
  return new FailureError(
    "file-changed",
    `the file that this export has written ${what} since, and is left as it is: ${path}; go on with another file, or put it back as it was`,
    "unwritable",
  );
}

async function writeAt(handle: FileHandle, octets: Uint8Array, start: number): Promise<void> {
  for (let done = 0; done < octets.length; ) {
    const { bytesWritten } = await handle.write(octets, done, octets.length - done, start + done);
    done += bytesWritten;
  }
}
