// npm run test:crash -- [--seed N] [--points N] [--network N] [--database sqlite|mariadb|mysql] [--only SCENARIO] [--parallel N]
// Kills the built command at many points and breaks server, network and database under it; prints what was tried.
import { join } from "node:path";
import { createViteServer } from "vitest/node";
import { ensureDebianPackages } from "./debian.mjs";
import { ensureMySql } from "./mysql.mjs";
import { build, root } from "./setup.mjs";

ensureDebianPackages(["mariadb-server", "mariadb-client"]);
build();
const conditions = ["@mailonce/source", "node", "import", "module", "default"];
// Node 20 reads no TypeScript: vitest's own server does.
const server = await createViteServer({
  root: join(root, "apps/cli"),
  configFile: false,
  logLevel: "error",
  server: { middlewareMode: true, ws: false, watch: null },
  oxc: { target: "es2023" },
  optimizeDeps: { noDiscovery: true },
  resolve: { conditions },
  ssr: { resolve: { conditions } },
});
try {
  const { main } = await server.ssrLoadModule("/test/crash/main.ts");
  process.exitCode = await main(parameters(), (/** @type {string} */ line) => console.log(line));
} finally {
  await server.close();
}

/** Those of the command line, and where mysqld is, if it is asked for. */
function parameters() {
  const given = process.argv.slice(2);
  if (!given.includes("mysql")) return given;
  const found = ensureMySql();
  if ("failure" in found) throw new Error(`there is no MySQL to be had: ${found.failure}`);
  return [...given, "--mysqld", found.program];
}
