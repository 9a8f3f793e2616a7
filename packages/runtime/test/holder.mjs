// Takes a maildrop's lease, says "held", and works on until it is told to end: Node 20 reads no TypeScript, so
// vitest's own server does.
import path from "node:path";
import process from "node:process";
import { createViteServer } from "vitest/node";

const conditions = ["@mailonce/source", "node", "import", "module", "default"];
const server = await createViteServer({
  root: path.resolve(import.meta.dirname, ".."),
  configFile: false,
  logLevel: "error",
  server: { middlewareMode: true, ws: false, watch: null },
  // `await using` is not Node 20's.
  oxc: { target: "es2023" },
  optimizeDeps: { noDiscovery: true },
  resolve: { conditions },
  ssr: { resolve: { conditions } },
});
const [url, maildrop, ttlMs] = process.argv.slice(2);
const { holdLease, openDatabase } = await server.ssrLoadModule("/src/index.ts");
const store = await openDatabase(url, {});
const lease = await holdLease(store, maildrop, { ttlMs: Number(ttlMs) });
process.stdout.write("held\n");
lease.signal.addEventListener("abort", () => process.stdout.write(`lost: ${lease.signal.reason.code}\n`));
setInterval(() => {}, 60_000);
