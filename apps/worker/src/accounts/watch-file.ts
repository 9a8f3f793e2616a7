import { type FSWatcher, watch } from "node:fs";
import { basename, dirname } from "node:path";

/** Editors write a file in several steps, and some replace it. Only when nothing more happens for so long is it read. */
const SETTLE_MS = 200;

/**
 * Calls `changed` after each change of the file, however it is made, and `blind` if changes cannot be noticed, or not any
 * more. It returns a function that ends the watch.
 */
export function watchFile(file: string, changed: () => void, blind: () => void): () => void {
  let timer: NodeJS.Timeout | undefined;
  let watcher: FSWatcher;
  try {
    // The folder is watched, because a watch on the file would end when it is replaced. Kubernetes replaces ..data, a link.
    watcher = watch(dirname(file), (_event, name) => {
      if (name !== null && name !== basename(file) && name !== "..data") return;
      clearTimeout(timer);
      timer = setTimeout(changed, SETTLE_MS);
    });
  } catch {
    // The system gives no more watches.
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
