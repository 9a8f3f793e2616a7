// Loaded into the worker before its own code: node --expose-gc --import soak-probe.mjs. At SIGUSR2 it collects all garbage
// and says in one line, on file descriptor 3, what is left. MAILONCE_SOAK_SNAPSHOTS=FOLDER: it also writes a heap snapshot.
import { writeSync } from "node:fs";
import { join } from "node:path";
import { writeHeapSnapshot } from "node:v8";

let number = 0;

process.on("SIGUSR2", () => {
  // The second one frees what the first one found to be without an owner.
  globalThis.gc?.();
  globalThis.gc?.();
  const { heapUsed, external, rss } = process.memoryUsage();
  const resources = process.getActiveResourcesInfo();
  const folder = process.env["MAILONCE_SOAK_SNAPSHOTS"];
  if (folder !== undefined) writeHeapSnapshot(join(folder, `${++number}.heapsnapshot`));
  writeSync(3, `${JSON.stringify({ heapUsed, external, rss, resources: resources.length })}\n`);
});
