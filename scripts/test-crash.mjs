// npm run test:crash: see USAGE.
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { ensureDebianPackages } from "./debian.mjs";
import { ensureMySql } from "./mysql.mjs";
import { readOptions, refuse, wholeNumber } from "./options.mjs";
import { build, installPackages, root } from "./setup.mjs";
import { withSource } from "./typescript.mjs";

const USAGE = `npm run test:crash [-- OPTION…]

Kills the built command at many points and breaks server, network and database under it; prints what was tried.

  --points N     points at which the command is killed, for each database (320)
  --index N      points at which indexing is killed, for each database (100)
  --network N    sessions that are broken (600)
  --database DB  sqlite, mariadb or mysql; may be repeated (sqlite and mariadb)
  --only TEXT    only scenarios with this in their names
  --seed N       other points, other faults (1)
  --parallel N   commands at a time (2, or as many as there are processors)`;

const DATABASES = ["sqlite", "mariadb", "mysql"];

const { values } = readOptions(USAGE, {
  seed: { type: "string", default: "1" },
  points: { type: "string", default: "320" },
  index: { type: "string", default: "100" },
  network: { type: "string", default: "600" },
  database: { type: "string", multiple: true, default: ["sqlite", "mariadb"] },
  only: { type: "string", default: "" },
  parallel: { type: "string", default: String(Math.max(2, availableParallelism())) },
});
for (const name of values.database)
  if (!DATABASES.includes(name)) refuse(USAGE, `--database is ${DATABASES.join(", ")}, not ${name}`);
const settings = {
  seed: wholeNumber(USAGE, "--seed", values.seed),
  points: wholeNumber(USAGE, "--points", values.points),
  index: wholeNumber(USAGE, "--index", values.index),
  network: wholeNumber(USAGE, "--network", values.network),
  parallel: wholeNumber(USAGE, "--parallel", values.parallel, 1),
  databases: values.database,
  only: values.only,
};
installPackages();
ensureDebianPackages(["mariadb-server", "mariadb-client"]);
build();
const mysqld = settings.databases.includes("mysql") ? findMySql() : "";
await withSource(join(root, "apps/cli"), "/test/crash/main.ts", async ({ main }) => {
  const say = (/** @type {string} */ line) => console.log(line);
  process.exitCode = await main({ ...settings, mysqld }, say);
});

function findMySql() {
  const found = ensureMySql();
  if ("failure" in found) throw new Error(`there is no MySQL to be had: ${found.failure}`);
  return found.program;
}
