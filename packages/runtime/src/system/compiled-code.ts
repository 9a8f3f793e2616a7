import { mkdirSync } from "node:fs";
import module from "node:module";
import { dirname, isAbsolute } from "node:path";
import type { Environment } from "./environment.ts";
import { cacheDirectory } from "./user-folders.ts";

/** From Node 22.8 on. It tells of what it cannot do, and throws nothing. */
interface CompileCache {
  readonly enableCompileCache?: (folder: string) => unknown;
}

/**
 * Has Node keep what it compiles from now on for the next start of the program, in the user's own cache folder: in the
 * shared temporary folder, where Node would put it, somebody else could leave code for us to run. Where that folder
 * cannot be made, or Node does not know how, nothing is kept. Node's NODE_COMPILE_CACHE and NODE_DISABLE_COMPILE_CACHE
 * go before this.
 */
export function keepCompiledCode(env: Environment): void {
  const { enableCompileCache } = module as CompileCache;
  if (enableCompileCache === undefined) return;
  try {
    const folder = cacheDirectory(env);
    if (!isAbsolute(folder)) return;
    // One by one: Node would try for ever to make the folders below one where nothing can be made, such as /proc.
    make(dirname(folder));
    make(folder);
    enableCompileCache(folder);
  } catch {
    // A user without a home, or without a place in it.
  }
}

function make(folder: string): void {
  try {
    mkdirSync(folder, { mode: 0o700 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
}
