// One worker process with many accounts, all of which are due at once and have one new message each.
import { simpleMail, startDovecot } from "@mailonce/testkit";
import { compare } from "../lib/compare.mjs";
import { createDatabase } from "../lib/databases.mjs";
import { ratioTarget, resultOf } from "../lib/targets.mjs";
import { rawRuns } from "../worker/raw.mjs";
import { BenchedWorker } from "../worker/worker.mjs";

/** Sessions at the same time, for the worker and for the raw exchange. */
const AT_ONCE = 20;
const LIMITS =
  "service pop3-login {\n  client_limit = 1000\n  process_limit = 100\n}\nservice pop3 {\n  process_limit = 500\n}\n";

/** @typedef {import("@mailonce/testkit").Dovecot} Dovecot */

/** @type {import("./row.mjs").Row} */
export const worker = {
  name: "worker",
  title: "200 accounts with one new message each, one worker",
  async measure(bench) {
    const count = bench.size(200, 20);
    const dovecot = await startDovecot({ users: [], settings: LIMITS });
    try {
      const makers = new Maildrops(dovecot, count);
      /** @type {Map<string, Turn>} */
      const turns = new Map();
      // Warm: the server's processes, this program's code.
      await (await RawTurn.start(makers)).first();
      const results = await compare(
        bench,
        [
          { name: "raw", start: () => RawTurn.start(makers) },
          ...bench.setups.map((setup) => ({
            name: setup.name,
            build: setup.build,
            start: () => WorkerTurn.start(bench, setup, makers),
          })),
        ].flatMap(({ name, start, ...mailonce }) => [
          {
            ...mailonce,
            name: `${name}, first runs`,
            prepare: async () => void turns.set(name, await start()),
            run: () => turnOf(turns, name).first(),
          },
          {
            ...mailonce,
            name: `${name}, next runs`,
            prepare: () => turnOf(turns, name).deliver(),
            run: async () => {
              const turn = turnOf(turns, name);
              try {
                return await turn.next();
              } finally {
                turns.delete(name);
                await turn.end();
              }
            },
          },
        ]),
      );
      for (const turn of turns.values()) await turn.end();
      return {
        note: `${count} accounts on Dovecot, at most ${AT_ONCE} sessions at a time; first runs: new accounts, a worker that has just started (from its line "started"); next runs: the same process and accounts with one more message each, all due at once; raw: the same logins, listings and retrievals on bare sockets`,
        results,
        reference: "raw, next runs",
        targets: bench.setups.flatMap(({ name, kind }) =>
          ["first", "next"].map((which) =>
            ratioTarget(`${count} accounts with one new message each, one worker, ${which} runs, ${name}`, {
              of: resultOf(results, `${name}, ${which} runs`).seconds,
              to: resultOf(results, `raw, ${which} runs`).seconds,
              ...(kind === "MariaDB" ? { most: 2.0, stretch: 1.5 } : { most: 1.5, stretch: 1.3 }),
              against: "raw",
            }),
          ),
        ),
      };
    } finally {
      await dovecot.stop();
    }
  },
};

/**
 * One contender in one round.
 * @typedef {object} Turn
 * @property {() => Promise<import("../lib/measure.mjs").Sample>} first
 * @property {() => Promise<void>} deliver
 * @property {() => Promise<import("../lib/measure.mjs").Sample>} next
 * @property {() => Promise<void>} end
 */

/** @param {Map<string, Turn>} turns @param {string} name @returns {Turn} */
function turnOf(turns, name) {
  const turn = turns.get(name);
  if (turn === undefined) throw new Error("did not begin");
  return turn;
}

/** Maildrops that nobody has looked into, for each turn others. */
class Maildrops {
  #dovecot;
  #count;
  #made = 0;

  /** @param {Dovecot} dovecot @param {number} count */
  constructor(dovecot, count) {
    this.#dovecot = dovecot;
    this.#count = count;
  }

  get port() {
    return this.#dovecot.pop3Port;
  }

  async make() {
    const first = this.#made;
    this.#made += this.#count;
    const users = Array.from({ length: this.#count }, (_, n) => `user${first + n}`);
    for (const user of users) this.#dovecot.addUser(user);
    await this.deliver(users, 1);
    return users;
  }

  /** @param {readonly string[]} users @param {number} number */
  async deliver(users, number) {
    const people = { from: "ann@example.org", to: "ben@example.org", date: new Date(0) };
    const body = "Hello.\r\n".repeat(400);
    for (const user of users)
      await this.#dovecot.deliver(user, [simpleMail({ ...people, subject: `${number} for ${user}`, body })]);
  }
}

/** @implements {Turn} */
class RawTurn {
  #maildrops;
  #users;

  /** @param {Maildrops} maildrops @param {readonly string[]} users */
  constructor(maildrops, users) {
    this.#maildrops = maildrops;
    this.#users = users;
  }

  /** @param {Maildrops} maildrops */
  static async start(maildrops) {
    return new RawTurn(maildrops, await maildrops.make());
  }

  first() {
    return this.#runs(1);
  }

  deliver() {
    return this.#maildrops.deliver(this.#users, 2);
  }

  next() {
    return this.#runs(2);
  }

  async end() {}

  /** @param {number} message */
  #runs(message) {
    return rawRuns({ port: this.#maildrops.port, users: this.#users, atOnce: AT_ONCE, message });
  }
}

/** @implements {Turn} */
class WorkerTurn {
  #maildrops;
  #users;
  #database;
  #worker;

  /**
   * @param {Maildrops} maildrops
   * @param {readonly string[]} users
   * @param {import("../lib/databases.mjs").Database} database
   * @param {BenchedWorker} worker
   */
  constructor(maildrops, users, database, worker) {
    this.#maildrops = maildrops;
    this.#users = users;
    this.#database = database;
    this.#worker = worker;
  }

  /** @param {import("../lib/bench.mjs").Bench} bench @param {import("../lib/setups.mjs").Setup} setup @param {Maildrops} maildrops */
  static async start(bench, setup, maildrops) {
    const users = await maildrops.make();
    const database = await createDatabase(bench, setup);
    const accounts = { port: maildrops.port, users, atOnce: AT_ONCE };
    return new WorkerTurn(maildrops, users, database, new BenchedWorker(bench, database, accounts));
  }

  first() {
    return this.#worker.firstRuns();
  }

  deliver() {
    return this.#worker.hold(() => this.#maildrops.deliver(this.#users, 2));
  }

  next() {
    return this.#worker.nextRuns();
  }

  async end() {
    await this.#worker.end();
    await this.#database.drop();
  }
}
