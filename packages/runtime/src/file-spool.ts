import { createHash } from "node:crypto";
import { createReadStream, readlinkSync, rmSync } from "node:fs";
import { type FileHandle, lstat, mkdtemp, open, readdir, rm, unlink } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import type { Content, Spool, SpoolWriter } from "@mailonce/core";
import { EXIT } from "./exit-code.ts";
import { FailureError } from "./failure-error.ts";

const PREFIX = "mailonce-spool-";

/**
 * Large messages wait in files (mode 0600) in a temporary folder of this process (mode 0700) until they are
 * recorded. Disposal removes the folder, and so does the end of the process; what a killed process left behind
 * is removed when the next one makes its folder.
 */
export class FileSpool implements Spool, AsyncDisposable {
  readonly #parent: string;
  #folder: Promise<string> | null = null;
  #path: string | null = null;
  #next = 0;
  readonly #removeAtExit = (): void => {
    if (this.#path !== null) rmSync(this.#path, { recursive: true, force: true });
  };

  /** @param parent where the folder is made; the system's temporary folder by default */
  constructor(parent: string = tmpdir()) {
    this.#parent = parent;
  }

  /** @throws FailureError, as `write` does, where the folder cannot be written */
  async create(): Promise<SpoolWriter> {
    try {
      this.#folder ??= this.#makeFolder();
      const path = join(await this.#folder, String(this.#next++));
      return new FileWriter(path, await open(path, "wx", 0o600));
    } catch (error) {
      throw cannotSpool(this.#parent, error);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    process.removeListener("exit", this.#removeAtExit);
    if (this.#path !== null) await rm(this.#path, { recursive: true, force: true });
    this.#folder = null;
    this.#path = null;
  }

  async #makeFolder(): Promise<string> {
    await removeLeftovers(this.#parent);
    const path = await mkdtemp(join(this.#parent, `${PREFIX}${processSpace()}-${process.pid}-`));
    this.#path = path;
    process.on("exit", this.#removeAtExit);
    return path;
  }
}

class FileWriter implements SpoolWriter {
  readonly #path: string;
  readonly #file: FileHandle;
  #octets = 0;

  constructor(path: string, file: FileHandle) {
    this.#path = path;
    this.#file = file;
  }

  async write(chunk: Uint8Array): Promise<void> {
    try {
      await this.#file.writeFile(chunk);
    } catch (error) {
      throw cannotSpool(this.#path, error);
    }
    this.#octets += chunk.length;
  }

  async finish(): Promise<Content> {
    await this.#file.close();
    return new FileContent(this.#path, this.#octets);
  }

  async discard(): Promise<void> {
    await this.#file.close();
    await remove(this.#path);
  }
}

class FileContent implements Content {
  readonly octets: number;
  readonly bytes = null;
  readonly #path: string;

  constructor(path: string, octets: number) {
    this.#path = path;
    this.octets = octets;
  }

  read(): AsyncIterable<Uint8Array> {
    return createReadStream(this.#path, { highWaterMark: 256 * 1024 });
  }

  async discard(): Promise<void> {
    await remove(this.#path);
  }
}

function cannotSpool(path: string, error: unknown): FailureError {
  const { code = "unknown error" } = error as NodeJS.ErrnoException;
  const why = code === "ENOSPC" || code === "EDQUOT" ? "its disk is full" : code;
  const message = `cannot keep a large message in the temporary folder (${path}): ${why}; TMPDIR names another`;
  return new FailureError("cannot-spool", message, EXIT.unavailable, { cause: error });
}

async function remove(path: string): Promise<void> {
  await unlink(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "ENOENT") throw error;
  });
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

async function removeLeftovers(parent: string): Promise<void> {
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
