import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A folder of its own that goes away, with all in it, when it is disposed of or when the process exits. */
export interface TemporaryFolder extends AsyncDisposable {
  readonly path: string;
  /** Removes the folder; a second call does nothing. */
  remove(): Promise<void>;
}

const left = new Set<string>();
let listening = false;

/**
 * Makes an empty folder below the system's temporary folder. Other users may look into it (mode 0755), because
 * servers that are started as root serve mail as somebody else.
 */
export function temporaryFolder(prefix = "mailonce-"): TemporaryFolder {
  const path = mkdtempSync(join(tmpdir(), prefix));
  chmodSync(path, 0o755);
  left.add(path);
  if (!listening) {
    listening = true;
    process.on("exit", () => {
      for (const folder of left) rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
    });
  }
  const remove = async (): Promise<void> => {
    await rm(path, { recursive: true, force: true, maxRetries: 5 });
    left.delete(path);
  };
  return { path, remove, [Symbol.asyncDispose]: remove };
}
