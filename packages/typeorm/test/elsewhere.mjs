// Runs a function of elsewhere-work.ts in this process: Node 20 reads no TypeScript, so vitest's own server does.
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
try {
  const [work, ...values] = process.argv.slice(2);
  const module = await server.ssrLoadModule("/test/elsewhere-work.ts");
  await module[String(work)](...values.map((value) => JSON.parse(value)));
} finally {
  await server.close();
}
