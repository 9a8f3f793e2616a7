// One worker process as an operator runs it, and how long it takes for the runs of all its accounts.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as delay } from "node:timers/promises";
import { environment } from "../lib/mailonce.mjs";
import { cpuSecondsOf, peakOctetsOf } from "../lib/process.mjs";

/** An account is due again so long after its last run, and up to a tenth of it later. */
const INTERVAL_MS = 5000;
const PROGRAM = join("apps", "worker", "bin", "mailonce-worker.js");

/** @typedef {import("../lib/measure.mjs").Sample} Sample */

/** A worker with an accounts file of its own. */
export class BenchedWorker {
  #child;
  #lines;
  #users;
  #folder;
  #exit;

  /**
   * @param {import("../lib/bench.mjs").Bench} bench
   * @param {import("../lib/databases.mjs").Database} database
   * @param {{ readonly port: number, readonly users: readonly string[], readonly atOnce: number }} accounts
   */
  constructor(bench, database, { port, users, atOnce }) {
    this.#users = users;
    this.#folder = mkdtempSync(join(bench.folder, "worker-"));
    const file = join(this.#folder, "mailonce.json");
    const configuration = {
      concurrency: atOnce,
      worker: { perHost: atOnce },
      defaults: { schedule: `${INTERVAL_MS / 1000}s`, password: { env: "MAILONCE_PASSWORD" } },
      accounts: Object.fromEntries(
        users.map((user) => [user, { url: `pop3://${user}@127.0.0.1:${port}?tls=none` }]),
      ),
    };
    writeFileSync(file, JSON.stringify(configuration), { mode: 0o600 });
    const { node, root } = database.setup.build;
    this.#child = spawn(node, [join(root, PROGRAM), "--config", file], {
      stdio: ["ignore", "pipe", "inherit"],
      env: {
        ...environment(bench, database),
        MAILONCE_DATABASE: database.option[1] ?? "",
        MAILONCE_LOG_FORMAT: "json",
      },
    });
    this.#exit = once(this.#child, "exit");
    this.#lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
  }

  /** From the line that says that it serves its accounts, when all are due, to the end of the last one's first run. */
  async firstRuns() {
    for (;;) {
      const { msg, time } = await this.#line();
      if (msg.startsWith("started")) return this.#allStored(Date.parse(time));
    }
  }

  /** Holds the process while mail is delivered, and until all accounts are due: then it has all to do at once. */
  async hold(/** @type {() => Promise<void>} */ deliver) {
    // The last run gives its lease back.
    await delay(200);
    this.#child.kill("SIGSTOP");
    await Promise.all([deliver(), delay(INTERVAL_MS * 1.1)]);
  }

  /** From its going on to the end of the last account's run. */
  nextRuns() {
    const began = Date.now();
    this.#child.kill("SIGCONT");
    return this.#allStored(began);
  }

  async end() {
    this.#child.kill("SIGCONT");
    this.#child.kill("SIGTERM");
    await this.#exit;
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** @param {number} began @returns {Promise<Sample>} */
  async #allStored(began) {
    const cpuBefore = cpuSecondsOf(this.#child.pid ?? 0);
    for (let left = this.#users.length; ; ) {
      const { counts, time, ...line } = await this.#line();
      if (counts === undefined) continue;
      if (counts.stored !== 1) throw new Error(JSON.stringify({ counts, ...line }));
      if (--left > 0) continue;
      const seconds = (Date.parse(time) - began) / 1000;
      return {
        seconds,
        cpuSeconds: cpuSecondsOf(this.#child.pid ?? 0) - cpuBefore,
        peakOctets: peakOctetsOf(this.#child.pid ?? 0),
      };
    }
  }

  async #line() {
    const { value, done } = await this.#lines.next();
    if (done) throw new Error("the worker ended early");
    return JSON.parse(value);
  }
}
