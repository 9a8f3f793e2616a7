// npm run test:worker: see USAGE.
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { ensureDebianPackages } from "./debian.mjs";
import { readOptions, wholeNumber } from "./options.mjs";
import { build, installPackages, root } from "./setup.mjs";

const USAGE = `npm run test:worker [-- ROUNDS]

The long form of the worker's test with real servers: workers, Redis and MariaDB are killed and paused again and again.

  ROUNDS  (8, about 12 s each)`;

const { positionals } = readOptions(USAGE, {}, 1);
const rounds = wholeNumber(USAGE, "ROUNDS", positionals[0] ?? "8", 1);
installPackages();
ensureDebianPackages(["dovecot-pop3d", "mariadb-server", "mariadb-client", "redis-server"]);
build();
const { status } = spawnSync(
  join(root, "node_modules", ".bin", "vitest"),
  ["run", "--project", "apps/worker", "distributed"],
  { cwd: root, stdio: "inherit", env: { ...process.env, MAILONCE_TEST_WORKER_ROUNDS: String(rounds) } },
);
process.exitCode = status ?? 1;
