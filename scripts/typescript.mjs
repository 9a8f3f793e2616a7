// Loads sources of this workspace: Node 20 reads no TypeScript, vitest's own server does.
import { createViteServer } from "vitest/node";

const conditions = ["@mailonce/source", "node", "import", "module", "default"];

/**
 * Gives what a module exports.
 * @param {string} folder of a package
 * @param {string} file in it, with a leading slash
 * @param {(exported: Record<string, any>) => unknown} use awaited; the module is there until it is over
 */
export async function withSource(folder, file, use) {
  const server = await createViteServer({
    root: folder,
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
    await use(await server.ssrLoadModule(file));
  } finally {
    await server.close();
  }
}
