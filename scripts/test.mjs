// npm test: set-up, lint, types, every test. The last line counts: N passed, N failed[, N skipped].
import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import { freemem, tmpdir } from "node:os";
import { join } from "node:path";
import { ensureDebianPackages } from "./debian.mjs";
import { ensureMySql } from "./mysql.mjs";
import { build, installPackages, root, run } from "./setup.mjs";

/** What the tests take of the memory at most, with their servers' data in it, and as much again. */
const MEMORY_OCTETS = 8 * 1024 ** 3;

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
        "mutt",
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
  const folder = temporaryFolder();
  try {
    const file = join(folder, "results.json");
    const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${file}`];
    const vitest = spawnSync(join(bin, "vitest"), ["run", ...reporters, ...process.argv.slice(2)], {
      cwd: root,
      env: { ...process.env, TMPDIR: folder },
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

/**
 * Where the tests keep databases, mail and their report: in memory if there is enough of it. What a database writes
 * through to a disk takes minutes in all, and a process that is killed loses it as little here as there.
 */
function temporaryFolder() {
  const memory = "/dev/shm";
  try {
    const { bavail, bsize } = statfsSync(memory);
    if (Math.min(bavail * bsize, freemem()) >= MEMORY_OCTETS) {
      const folder = makeFolder(memory);
      // Where no program may be run from the folder, tests of hooks and of commands for passwords would fail.
      const program = join(folder, "program");
      writeFileSync(program, "#!/bin/sh\n", { mode: 0o755 });
      if (spawnSync(program).status === 0) return folder;
      rmSync(folder, { recursive: true });
    }
  } catch {
    // Not every system has such a folder.
  }
  return makeFolder(tmpdir());
}

/** A folder into which other users may look: Dovecot's processes are such. @param {string} parent */
function makeFolder(parent) {
  const folder = mkdtempSync(join(parent, "mailonce-test-"));
  chmodSync(folder, 0o755);
  return folder;
}
