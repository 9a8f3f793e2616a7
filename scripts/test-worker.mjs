// npm run test:worker: the long form of the worker's test with real servers: workers, Redis and MariaDB are killed and
// paused again and again. npm run test:worker -- 20: so many rounds (default 8, about 12 s each).
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { ensureDebianPackages } from "./debian.mjs";
import { build, installPackages, root } from "./setup.mjs";

const rounds = process.argv[2] ?? "8";
if (!/^[1-9]\d{0,3}$/.test(rounds)) throw new Error("Usage: npm run test:worker [-- ROUNDS]");
installPackages();
ensureDebianPackages(["dovecot-pop3d", "mariadb-server", "mariadb-client", "redis-server"]);
build();
const { status } = spawnSync(
  join(root, "node_modules", ".bin", "vitest"),
  ["run", "--project", "apps/worker", "distributed"],
  { cwd: root, stdio: "inherit", env: { ...process.env, MAILONCE_TEST_WORKER_ROUNDS: rounds } },
);
process.exitCode = status ?? 1;
