// The servers that the rows measure against, each started when it is first asked for.
import { spawn } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { createInterface } from "node:readline";
import { startDovecot, startMariaDb } from "@mailonce/testkit";
import { maildirsFolder } from "./maildirs.mjs";
import { nativeProgram } from "./native.mjs";
import { setupsOf } from "./setups.mjs";

/** One run of the benchmark: its settings, its servers, its temporary folder. */
export class Bench {
  /** @type {boolean} Small numbers, only to try the rows. */
  quick;
  /** @type {number} */
  rounds;
  /** @type {readonly import("./setups.mjs").Build[]} */
  builds;
  /** @type {readonly import("./setups.mjs").Setup[]} */
  setups;
  /** @type {boolean} Without anybody but Mailonce. */
  alone;
  /** @type {string} */
  folder;
  /** @type {Map<string, Promise<unknown>>} */
  #started = new Map();
  /** @type {(() => unknown)[]} */
  #stops = [];

  /**
   * @param {{ readonly quick: boolean, readonly rounds: number, readonly builds: readonly import("./setups.mjs").Build[],
   *   readonly alone?: boolean }} settings
   */
  constructor({ quick, rounds, builds, alone = false }) {
    this.quick = quick;
    this.rounds = rounds;
    this.builds = builds;
    this.setups = setupsOf(builds);
    this.alone = alone;
    this.folder = mkdtempSync(join(tmpdir(), "mailonce-bench-"));
    chmodSync(this.folder, 0o755);
    process.once("exit", () => rmSync(this.folder, { recursive: true, force: true }));
  }

  /** One of two numbers. @param {number} full @param {number} quick */
  size(full, quick) {
    return this.quick ? quick : full;
  }

  /** Tells the person who waits. @param {string} text */
  say(text) {
    process.stderr.write(`${text}\n`);
  }

  /** Dovecot over the cached maildirs; every user has the password `secret`. */
  dovecot() {
    return this.once("dovecot", async () => {
      const settings = `mail_location = maildir:${maildirsFolder()}/%u`;
      const dovecot = await startDovecot({ users: [], settings });
      this.#stops.push(() => dovecot.stop());
      return dovecot;
    });
  }

  /** MariaDB as Debian configures it. */
  mariadb() {
    return this.once("mariadb", async () => {
      const mariadb = await startMariaDb();
      this.#stops.push(() => mariadb.stop());
      return mariadb;
    });
  }

  /** The port of the server of native/maildrop.c, called with these parameters. @param {readonly string[]} parameters */
  listings(...parameters) {
    return this.once(`listings ${parameters}`, () => this.#listener(nativeProgram("maildrop"), parameters));
  }

  /**
   * The port of a relay before `port` that adds a round trip of `delay` ms; `port` itself if that is 0.
   * @param {number} port @param {number} delay
   */
  relay(port, delay) {
    if (delay === 0) return Promise.resolve(port);
    const parameters = [`${port}`, `${delay / 2}`];
    return this.once(`relay ${parameters}`, () => this.#listener(nativeProgram("relay"), parameters));
  }

  /**
   * Starts a program that prints the port that it listens on, and ends with its standard input.
   * @param {string} program @param {readonly string[]} parameters
   */
  async #listener(program, parameters) {
    const child = spawn(program, parameters, { stdio: ["pipe", "pipe", "inherit"] });
    this.#stops.push(() => child.stdin.end());
    for await (const line of createInterface({ input: child.stdout })) return Number(line);
    throw new Error(`${basename(program)} did not start`);
  }

  /** Stops everything; the temporary folder goes when the process ends. */
  async end() {
    for (const stop of this.#stops.reverse()) await stop();
  }

  /**
   * What several rows need, made when the first of them asks.
   * @template T
   * @param {string} what @param {() => Promise<T>} start
   * @returns {Promise<T>}
   */
  once(what, start) {
    const found = this.#started.get(what);
    if (found !== undefined) return /** @type {Promise<T>} */ (found);
    const starting = start();
    this.#started.set(what, starting);
    return starting;
  }
}
