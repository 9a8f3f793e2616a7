// Loaded into the command with NODE_OPTIONS=--import: kills the process at its n-th SQLite statement, or writes every
// statement down. MAILONCE_TEST_KILLER holds the plan as JSON, see command.ts.
import { appendFileSync } from "node:fs";
import { createRequire } from "node:module";
import process from "node:process";
import { isMainThread, Worker } from "node:worker_threads";

/** @typedef {{ from: string, log?: string, number?: number, moment?: string, delayMs?: number }} Plan */
/** @typedef {(...values: any[]) => unknown} Method */

const text = process.env["MAILONCE_TEST_KILLER"];
if (isMainThread && text !== undefined) replaceSqlite(JSON.parse(text));

/** @param {Plan} plan */
function replaceSqlite(plan) {
  const { emitWarning } = process;
  process.emitWarning = () => {};
  const builtIn = /** @type {any} */ (process.getBuiltinModule?.("node:sqlite"));
  process.emitWarning = emitWarning;
  if (builtIn !== undefined) {
    const { prototype } = builtIn.DatabaseSync;
    prototype.prepare = watching(plan, /** @type {Method} */ (prototype.prepare));
    return;
  }
  const load = createRequire(plan.from);
  const { DatabaseSync } = load("@photostructure/sqlite");
  // Its own prototype cannot be changed, but what others get who ask for the module can.
  class Watched extends /** @type {any} */ (DatabaseSync) {}
  Object.defineProperty(Watched.prototype, "prepare", {
    value: watching(plan, DatabaseSync.prototype.prepare),
  });
  const loaded = load.cache[load.resolve("@photostructure/sqlite")];
  if (loaded === undefined) throw new Error("@photostructure/sqlite is not where it was");
  loaded.exports = { ...loaded.exports, DatabaseSync: Watched };
}

let count = 0;

/**
 * @param {Plan} plan
 * @param {Method} prepare
 * @returns {any}
 */
function watching(plan, prepare) {
  /** @this {unknown} */
  return function prepareWatched(/** @type {unknown[]} */ ...parameters) {
    const statement = /** @type {any} */ (prepare.apply(this, parameters));
    for (const method of ["run", "all"]) {
      /** @type {Method} */
      const original = statement[method];
      /** @type {(...values: unknown[]) => unknown} */
      const value = (...values) =>
        carryOut(plan, String(parameters[0]), () => original.apply(statement, values));
      Object.defineProperty(statement, method, { value });
    }
    return statement;
  };
}

/**
 * @param {Plan} plan
 * @param {string} sql
 * @param {() => unknown} run
 */
function carryOut({ log, number, moment, delayMs = 0 }, sql, run) {
  count++;
  if (log !== undefined) appendFileSync(log, `${JSON.stringify(sql.slice(0, 200))}\n`);
  if (count !== number) return run();
  if (moment === "before") die();
  if (moment === "during") dieSoon(delayMs);
  try {
    return run();
  } finally {
    // One that was to die meanwhile dies now at the latest.
    die();
  }
}

function die() {
  process.kill(process.pid, "SIGKILL");
}

/**
 * From another thread, so that it strikes while SQLite writes.
 * @param {number} delayMs
 */
function dieSoon(delayMs) {
  const flags = new Int32Array(new SharedArrayBuffer(4));
  const code = `
    const { workerData: { flags, delayMs } } = require("node:worker_threads");
    Atomics.store(flags, 0, 1);
    Atomics.notify(flags, 0);
    for (const end = performance.now() + delayMs; performance.now() < end; );
    process.kill(process.pid, "SIGKILL");`;
  new Worker(code, { eval: true, workerData: { flags, delayMs } });
  Atomics.wait(flags, 0, 0);
}
