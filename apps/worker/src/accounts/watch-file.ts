import { type FSWatcher, watch } from "node:fs";
import { basename, dirname } from "node:path";

/** Editors write in several steps, and some put another file in the place: only the last step counts. */
const SETTLE_MS = 200;

/**
 * Calls back after each change of the file, however it is made. The function that it gives ends it. `blind` is called
 * where changes are not noticed, or no longer.
 */
export function watchFile(file: string, changed: () => void, blind: () => void): () => void {
  let timer: NodeJS.Timeout | undefined;
  let watcher: FSWatcher;
  try {
    // The folder: a file that is replaced would no longer be watched. Kubernetes replaces ..data, a link beside it.
    watcher = watch(dirname(file), (_event, name) => {
      if (name !== null && name !== basename(file) && name !== "..data") return;
      clearTimeout(timer);
      timer = setTimeout(changed, SETTLE_MS);
    });
  } catch {
    // No more watches to be had: SIGHUP is left.
    blind();
    return () => {};
  }
  watcher.on("error", () => {
    watcher.close();
    blind();
  });
  return () => {
    clearTimeout(timer);
    watcher.close();
  };
}
