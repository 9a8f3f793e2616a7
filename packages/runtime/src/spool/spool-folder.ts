import { createHash } from "node:crypto";
import { readlinkSync, rmSync } from "node:fs";
import { lstat, mkdtemp, readdir, rm } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";

const PREFIX = "mailonce-spool-";

/**
 * The folder (mode 0700) of one process's files. It goes when it is removed, and at the end of the process; what a
 * killed process left behind goes when the next one looks.
 */
export class SpoolFolder {
  readonly #parent: string;
  #path: Promise<string> | null = null;
  #made: string | null = null;
  readonly #removeAtExit = (): void => {
    if (this.#made !== null) rmSync(this.#made, { recursive: true, force: true });
  };

  constructor(parent: string) {
    this.#parent = parent;
  }

  /** Its path; it is made at the first call. */
  path(): Promise<string> {
    this.#path ??= this.#make();
    return this.#path;
  }

  async remove(): Promise<void> {
    process.removeListener("exit", this.#removeAtExit);
    if (this.#made !== null) await rm(this.#made, { recursive: true, force: true });
    this.#path = null;
    this.#made = null;
  }

  async #make(): Promise<string> {
    const path = await mkdtemp(join(this.#parent, `${PREFIX}${processSpace()}-${process.pid}-`));
    this.#made = path;
    process.on("exit", this.#removeAtExit);
    return path;
  }
}

/**
 * Names the set of processes among which a process id means one process: the same machine, the same pid
 * namespace. Containers may share a temporary folder, and a folder of theirs must not look like a dead process's.
 */
function processSpace(): string {
  let namespace = "";
  try {
    namespace = readlinkSync("/proc/self/ns/pid");
  } catch {
    // Not Linux: there are no pid namespaces.
  }
  return createHash("sha256").update(`${hostname()}\n${namespace}`).digest("hex").slice(0, 12);
}

/** Removes the folders that killed processes of this user have left. */
export async function removeLeftovers(parent: string): Promise<void> {
  const mine = `${PREFIX}${processSpace()}-`;
  for (const name of await readdir(parent)) {
    const pid = name.startsWith(mine) ? Number.parseInt(name.slice(mine.length), 10) : Number.NaN;
    if (!Number.isSafeInteger(pid) || isAlive(pid)) continue;
    const path = join(parent, name);
    const entry = await lstat(path).catch(() => null);
    if (entry === null || !entry.isDirectory() || entry.uid !== (process.getuid?.() ?? entry.uid)) continue;
    await rm(path, { recursive: true, force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== "ESRCH";
  }
}
