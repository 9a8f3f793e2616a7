// npm run test:crash -- [--seed N] [--points N] [--network N] [--database sqlite|mariadb|mysql] [--only SCENARIO] [--parallel N]
// Kills the built command at many points and breaks server, network and database under it; prints what was tried.
import { join } from "node:path";
import { ensureDebianPackages } from "./debian.mjs";
import { ensureMySql } from "./mysql.mjs";
import { build, root } from "./setup.mjs";
import { withSource } from "./typescript.mjs";

ensureDebianPackages(["mariadb-server", "mariadb-client"]);
build();
await withSource(join(root, "apps/cli"), "/test/crash/main.ts", async ({ main }) => {
  process.exitCode = await main(parameters(), (/** @type {string} */ line) => console.log(line));
});

/** Those of the command line, and where mysqld is, if it is asked for. */
function parameters() {
  const given = process.argv.slice(2);
  if (!given.includes("mysql")) return given;
  const found = ensureMySql();
  if ("failure" in found) throw new Error(`there is no MySQL to be had: ${found.failure}`);
  return [...given, "--mysqld", found.program];
}
