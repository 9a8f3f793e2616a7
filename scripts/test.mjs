// npm test: set-up, lint, types, every test. The last line counts: N passed, N failed[, N skipped].
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ensureDebianPackages } from "./debian.mjs";
import { ensureMySql } from "./mysql.mjs";
import { build, installPackages, root, run } from "./setup.mjs";

const bin = join(root, "node_modules", ".bin");

/** @type {readonly (readonly [string, () => void])[]} */
const steps = [
  ["packages", installPackages],
  [
    "Dovecot, MariaDB, proxies, shells",
    () =>
      void ensureDebianPackages([
        "dovecot-pop3d",
        "mariadb-server",
        "mariadb-client",
        "redis-server",
        "microsocks",
        "tinyproxy",
        "systemd",
        "zsh",
        "fish",
        "openssl",
      ]),
  ],
  ["MySQL", findMySql],
  ["lint", () => run("lint", join(bin, "biome"), ["check", "--error-on-warnings", "."])],
  ["types", () => run("type check", join(bin, "tsc"), ["-p", "tsconfig.check.json"])],
  ["build", build],
];

let passed = 0;
let failed = 0;
let skipped = 0;
try {
  for (const [name, step] of steps) {
    const start = performance.now();
    step();
    console.log(`${name}: done in ${((performance.now() - start) / 1000).toFixed(1)} s`);
  }
  runTests();
} catch (error) {
  failed++;
  console.error(error instanceof Error ? error.message : error);
}
console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`);
process.exitCode = failed > 0 || passed === 0 ? 1 : 0;

/** The store's tests on MySQL are the only ones that do without it: they are skipped, by name. */
function findMySql() {
  if (process.env["MAILONCE_TEST_MYSQL_URL"] !== undefined) return;
  const found = ensureMySql();
  if ("program" in found) process.env["MAILONCE_TEST_MYSQLD"] = found.program;
  else console.log(`No MySQL for the tests: ${found.failure}`);
}

function runTests() {
  const folder = mkdtempSync(join(tmpdir(), "mailonce-test-"));
  try {
    const file = join(folder, "results.json");
    const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${file}`];
    const vitest = spawnSync(join(bin, "vitest"), ["run", ...reporters, ...process.argv.slice(2)], {
      cwd: root,
      stdio: "inherit",
    });
    const results = JSON.parse(readFileSync(file, "utf8"));
    passed = results.numPassedTests;
    failed = results.numFailedTests;
    skipped = results.numPendingTests + results.numTodoTests;
    const skippedNames = results.testResults
      .flatMap(
        (/** @type {{ assertionResults: { status: string, fullName: string }[] }} */ one) =>
          one.assertionResults,
      )
      .filter((/** @type {{ status: string }} */ { status }) => status === "skipped" || status === "pending");
    for (const { fullName } of skippedNames) console.log(`skipped: ${fullName}`);
    // A file that cannot be loaded, or an error outside of any test, fails the run although no test failed.
    if (vitest.status !== 0 && failed === 0) failed++;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
