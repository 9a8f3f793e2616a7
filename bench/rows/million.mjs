// A maildrop of a million messages, on a server that only lists them; the ledger knows them all.

import { join } from "node:path";
import { compare } from "../lib/compare.mjs";
import { rawListings } from "../lib/contenders.mjs";
import { expectNothingNew, filledLedger } from "../lib/ledger.mjs";
import { fetchExactly, fetchMaildrop } from "../lib/mailonce.mjs";
import { measure } from "../lib/measure.mjs";
import { memoryTarget, resultOf, secondsTarget } from "../lib/targets.mjs";
import { nothingNewOn, overStartUp, startUpOn } from "./nothing-new.mjs";

const TEXTBOOK = join(import.meta.dirname, "..", "peers", "textbook.mjs");
/** What is called so has a server that lists as fast as Dovecot does; the other is as fast as can be. */
const PACED = ", at Dovecot's pace";
/** The fast contenders do so many rounds for each one of the slow: start-up varies by as much as listing takes over it. */
const FAST_ROUNDS = 3;
/** Messages that are new at each fetch of an unrelated listing. */
const NEW = 10;

/** @typedef {import("../lib/bench.mjs").Bench} Bench */
/** @typedef {import("../lib/databases.mjs").Database} Database */
/** @typedef {import("../lib/ledger.mjs").Ledger} Ledger */

/** @type {import("./row.mjs").Row} */
export const million = {
  name: "million",
  title: "Nothing new, and 10 new, among 1,000,000 messages",
  async measure(bench) {
    const count = bench.size(1_000_000, 20_000);
    const port = await bench.listings();
    const ledgers = [];
    for (const setup of bench.setups) ledgers.push(await filledLedger(bench, setup, count));
    const most = bench.rounds;
    const nothing = await compare(
      bench,
      [
        { name: "raw exchange", run: () => rawListings({ port, user: `plain-${count}` }) },
        { name: `raw exchange${PACED}`, most, run: () => rawListings({ port, user: `paced-${count}` }) },
        ...ledgers.flatMap((ledger) => {
          const { setup } = ledger.database;
          const { build } = setup;
          return [
            { name: startUpOn(setup), build, run: () => fetchEmpty(bench, ledger.database, port) },
            { name: nothingNewOn(setup), build, run: () => expectNothingNew(bench, ledger, port) },
            {
              name: nothingNewOn(setup) + PACED,
              build,
              most,
              run: () => expectNothingNew(bench, ledger, port, "paced"),
            },
          ];
        }),
        ...ledgers.slice(0, 1).map((ledger) => ({
          name: "textbook: one query into a hash set, MariaDB",
          most: 2,
          run: () => textbook(ledger, port),
        })),
      ],
      FAST_ROUNDS * bench.rounds,
    );
    const unrelated = await compare(
      bench,
      ledgers.map((ledger) => ({
        name: unrelatedOn(ledger.database.setup),
        build: ledger.database.setup.build,
        run: () => fetchUnrelated(bench, ledger, port),
      })),
    );
    const raw = resultOf(nothing, "raw exchange").seconds;
    const among = `among ${count.toLocaleString("en")}`;
    return {
      note: `${count.toLocaleString("en")} messages from a server that makes up its listing; the raw exchange is STAT, UIDL and LIST in one go; start-up is a fetch of an empty maildrop`,
      results: [...nothing, ...unrelated],
      reference: "raw exchange",
      targets: [
        ...overStartUp(bench.setups, nothing, `nothing new ${among}`),
        ...overStartUp(bench.setups, nothing, `nothing new ${among}`, PACED),
        ...bench.setups.map((setup) => {
          const { peakOctets } = resultOf(nothing, nothingNewOn(setup));
          return memoryTarget(`nothing new ${among}, ${setup.name}`, peakOctets, { most: 160 });
        }),
        ...bench.setups.flatMap((setup) => {
          const { seconds, peakOctets } = resultOf(unrelated, unrelatedOn(setup));
          const work = `${NEW} new ${among}, unrelated listing, ${setup.name}`;
          return [
            secondsTarget(work, seconds - raw, 2.5, "over the raw exchange"),
            memoryTarget(work, peakOctets, { most: 250 }),
          ];
        }),
      ],
    };
  },
};

/** @param {import("../lib/setups.mjs").Setup} setup */
const unrelatedOn = ({ name }) => `Mailonce, ${name}, ${NEW} new, unrelated listing`;

/** @param {Bench} bench @param {Database} database @param {number} port */
function fetchEmpty(bench, database, port) {
  return fetchMaildrop(bench, database, { port, user: "plain-0", maildrop: "empty" });
}

/** Some messages more, and all of them in another order. @param {Bench} bench @param {Ledger} ledger @param {number} port */
async function fetchUnrelated(bench, ledger, port) {
  const { database, maildrop, known } = ledger;
  const user = `shuffled-${known + NEW}`;
  const sample = await fetchExactly(bench, database, NEW, { port, user, maildrop });
  ledger.known += NEW;
  return sample;
}

/** @param {Ledger} ledger @param {number} port */
function textbook({ database, maildrop, known }, port) {
  return measure([process.execPath, TEXTBOOK, `${port}`, `plain-${known}`], {
    env: { BENCH_DATABASE: database.uri, BENCH_MAILDROP: maildrop },
  });
}
