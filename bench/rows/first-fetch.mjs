// The first fetch of a large maildrop: nothing is known, everything is new.

import { mkdtempSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { compare } from "../lib/compare.mjs";
import {
  bareNode,
  clientAlone,
  fetchmail,
  mpop,
  nodeLoop,
  rawFetch,
  rawListings,
} from "../lib/contenders.mjs";
import { createDatabase } from "../lib/databases.mjs";
import { equalMail, ordinaryMail } from "../lib/mail.mjs";
import { ensureMaildir, restoreUnread } from "../lib/maildirs.mjs";
import { expectStored, fetchMaildrop } from "../lib/mailonce.mjs";
import { named } from "../lib/setups.mjs";
import { countTarget, memoryTarget, ratioTarget, resultOf } from "../lib/targets.mjs";

/** @typedef {import("../lib/bench.mjs").Bench} Bench */
/** @typedef {import("../lib/compare.mjs").Contender} Contender */
/** @typedef {import("../lib/contenders.mjs").Fetcher} Fetcher */
/** @typedef {import("../lib/contenders.mjs").Place} Place */
/** @typedef {import("../lib/measure.mjs").Sample} Sample */
/** @typedef {import("../lib/setups.mjs").Setup} Setup */

/** Nobody who asks for one message at a time should take longer than this for a sample. */
const PATIENT_ROUND_TRIPS = 400;
const EVERYTHING = 1_000_000_000;
const PROBE = join(import.meta.dirname, "..", "lib", "promise-probe.mjs");

/** What a fetch may take: as a multiple of the raw limit, and of bare Node by the round trip in ms. */
const BOUNDS = {
  MariaDB: { raw: { most: 2.9, stretch: 2.5 }, bare: { 0: 1.6, 20: 1.8, 50: 2.0 }, bareStretch: 1.3 },
  SQLite: { raw: { most: 2.2, stretch: 2.0 }, bare: { 0: 1.4, 20: 1.5, 50: 1.6 }, bareStretch: 1.1 },
};

/** @param {0 | 20 | 50} delay round trip in ms @returns {import("./row.mjs").Row} */
export function firstFetch(delay) {
  return {
    name: `first-${delay}`,
    title: `First fetch of 10,000 messages, ${delay} ms`,
    measure: (bench) => measureFirstFetch(bench, delay),
  };
}

/** @param {Bench} bench @param {0 | 20 | 50} delay */
async function measureFirstFetch(bench, delay) {
  const dovecot = await bench.dovecot();
  const source = bench.quick ? "ordinary-500" : "ordinary-10000";
  const user = `unread-${source}`;
  const mail = ensureMaildir(source, () => ordinaryMail(bench.size(10_000, 500)));
  dovecot.addUser(user);
  const place = { port: await bench.relay(dovecot.pop3Port, delay), user };
  const here = { port: dovecot.pop3Port, user };
  const prepare = () => restoreUnread(user, source, () => rawListings(here));

  const results = await compareUnread([
    { name: "raw limit", run: () => rawFetch(place, mail.messages, mail.octets) },
    ...bench.builds.map((build) => ({
      name: named("client alone, nowhere", build),
      build,
      run: () => clientAlone(build, place, mail.octets),
    })),
    ...bench.setups.map((setup) => ({
      name: `Mailonce, ${setup.name}`,
      build: setup.build,
      run: () => firstFetchInto(bench, setup, place, mail),
    })),
    ...bench.setups.map((setup) => ({
      name: bareOn(setup),
      run: () => bareInto(bench, setup, place, mail.messages),
    })),
    { name: "mpop, mbox file", most: 3, run: () => mpop(bench)(place, EVERYTHING, "-") },
    ...slow("fetchmail, one file", fetchmail(bench), 2),
    ...slow("node-pop3, nowhere", nodeLoop("node-pop3"), 1),
    ...slow("yapople, nowhere", nodeLoop("yapople"), 1),
    ...(delay === 0 ? [inserting(bench, "node-pop3", place), inserting(bench, "yapople", place)] : []),
  ]);

  /** @param {readonly Contender[]} contenders */
  function compareUnread(contenders) {
    return compare(
      bench,
      contenders.map((contender) => ({ prepare, ...contender })),
    );
  }

  const to = resultOf(results, "raw limit").seconds;
  const against = "raw limit";
  const work = (/** @type {string} */ what) =>
    `first fetch of ${mail.messages.toLocaleString("en")}, ${delay} ms, ${what}`;
  return {
    note: `${mail.messages.toLocaleString("en")} unread messages, ${(mail.octets / 1e6).toFixed(0)} MB, from Dovecot`,
    results,
    reference: "raw limit",
    targets: [
      ...bench.setups.flatMap((setup) => {
        const { seconds: of, peakOctets } = resultOf(results, `Mailonce, ${setup.name}`);
        const bare = resultOf(results, bareOn(setup)).seconds;
        const { raw, bare: byDelay, bareStretch: stretch } = BOUNDS[setup.kind];
        return [
          ratioTarget(work(setup.name), { of, to, ...raw, against }),
          ratioTarget(work(setup.name), {
            of,
            to: bare,
            most: byDelay[delay],
            stretch,
            against: "bare Node",
          }),
          ...(delay === 0 ? [memoryTarget(work(setup.name), peakOctets, { most: 150, stretch: 120 })] : []),
        ];
      }),
      ...(delay === 0 ? await promisesTargets() : []),
      ...bench.builds.map((build) => {
        const of = resultOf(results, named("client alone, nowhere", build)).seconds;
        return ratioTarget(work(named("client alone", build)), { of, to, most: 1.25, against });
      }),
    ],
  };

  /** Counted once for each setup: the number does not depend on the machine. */
  async function promisesTargets() {
    const targets = [];
    for (const setup of bench.alone ? [] : bench.setups) {
      await prepare();
      const promises = await promisesEach(bench, setup, place, mail);
      targets.push(countTarget(work(`${setup.name}: promises a message`), promises, { most: 1 }));
    }
    return targets;
  }

  /**
   * Those who take a round trip or two for each message: with a delay, measured on few messages and scaled.
   * @param {string} name @param {Fetcher} fetcher @param {number} roundTrips for each message
   * @returns {Contender[]}
   */
  function slow(name, fetcher, roundTrips) {
    const few = Math.round((bench.size(PATIENT_ROUND_TRIPS, 40) * 20) / Math.max(delay, 20) / roundTrips);
    if (delay === 0 || few >= mail.messages) {
      return [{ name, most: 2, run: () => fetcher(place, EVERYTHING, "-") }];
    }
    return [{ name, most: 1, run: () => scaled(fetcher, place, few, mail.messages) }];
  }
}

/**
 * A fetch of everything, from one of a single message and one of a few.
 * @param {Fetcher} fetcher @param {Place} place @param {number} few @param {number} all
 * @returns {Promise<Sample>}
 */
async function scaled(fetcher, place, few, all) {
  const one = await fetcher(place, 1, "-");
  const some = await fetcher(place, few, "-");
  const scale = (/** @type {number} */ a, /** @type {number} */ b) => a + ((b - a) * (all - 1)) / (few - 1);
  return {
    seconds: scale(one.seconds, some.seconds),
    cpuSeconds: scale(one.cpuSeconds, some.cpuSeconds),
    peakOctets: some.peakOctets,
    approximate: true,
  };
}

/**
 * Into a database whose tables are there: a fetch of an empty maildrop has made them.
 * @param {Bench} bench @param {Setup} setup @param {Place} place
 * @param {import("../lib/maildirs.mjs").MaildirContents} mail
 * @returns {Promise<Sample>}
 */
export async function firstFetchInto(bench, setup, place, mail) {
  const dovecot = await bench.dovecot();
  ensureMaildir("empty", () => equalMail(0, 0));
  dovecot.addUser("empty");
  const database = await createDatabase(bench, setup);
  try {
    await fetchMaildrop(bench, database, { port: dovecot.pop3Port, user: "empty", maildrop: "empty" });
    const sample = await fetchMaildrop(bench, database, place);
    await expectStored(database, mail);
    return sample;
  } finally {
    await database.drop();
  }
}

/**
 * How many promises a message costs: those of a first fetch, without those of a fetch of an empty maildrop.
 * @param {Bench} bench @param {Setup} setup @param {Place} place
 * @param {import("../lib/maildirs.mjs").MaildirContents} mail
 */
async function promisesEach(bench, setup, place, mail) {
  const { pop3Port: port } = await bench.dovecot();
  const database = await createDatabase(bench, setup);
  try {
    await fetchMaildrop(bench, database, { port, user: "empty", maildrop: "empty" });
    const file = join(mkdtempSync(join(bench.folder, "promises-")), "count");
    const probe = { options: ["--import", PROBE], env: { BENCH_PROMISES: file } };
    await fetchMaildrop(bench, database, { port, user: "empty", maildrop: "empty", probe });
    const without = Number(readFileSync(file, "utf8"));
    await fetchMaildrop(bench, database, { ...place, probe });
    await expectStored(database, mail);
    return (Number(readFileSync(file, "utf8")) - without) / mail.messages;
  } finally {
    await database.drop();
  }
}

/** @param {Setup} setup */
const bareOn = ({ name }) => `bare Node, no ledger, ${name}`;

/** @param {Bench} bench @param {Setup} setup @param {Place} place @param {number} messages */
async function bareInto(bench, setup, place, messages) {
  const database = await createDatabase(bench, setup);
  try {
    return await bareNode(place, messages, database);
  } finally {
    await database.drop();
  }
}

/** For those who are not Mailonce. @param {Bench} bench @param {"MariaDB" | "SQLite"} kind @returns {Setup} */
function firstOn({ setups }, kind) {
  const found = setups.find((setup) => setup.kind === kind);
  if (found === undefined) throw new Error(`nothing on ${kind}`);
  return found;
}

/**
 * The loop with one INSERT for each message, each committed.
 * @param {Bench} bench @param {"node-pop3" | "yapople"} name @param {Place} place
 * @returns {Contender}
 */
function inserting(bench, name, place) {
  return {
    name: `${name}, one INSERT each, MariaDB`,
    most: 1,
    async run() {
      const database = await createDatabase(bench, firstOn(bench, "MariaDB"));
      try {
        await database.query(
          "CREATE TABLE mail (unique_id varbinary(255) PRIMARY KEY, content longblob NOT NULL) ENGINE=InnoDB",
        );
        return await nodeLoop(name, { BENCH_DATABASE: database.uri })(place, EVERYTHING, "-");
      } finally {
        await database.drop();
      }
    },
  };
}
