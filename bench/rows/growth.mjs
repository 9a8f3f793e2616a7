// What a new message costs as the maildrop grows.
import { compare } from "../lib/compare.mjs";
import { expectNothingNew, filledLedger } from "../lib/ledger.mjs";
import { fetchExactly } from "../lib/mailonce.mjs";
import { ratioTarget, resultOf } from "../lib/targets.mjs";

/** New messages in a fetch: enough that their cost stands out from the cost of listing. */
const NEW = 1000;

/** @type {import("./row.mjs").Row} */
export const growth = {
  name: "growth",
  title: "Cost of a new message as the maildrop grows",
  async measure(bench) {
    const sizes = bench.quick ? [1000, 20_000] : [1000, 10_000, 100_000, 1_000_000];
    const port = await bench.listings();
    /** @type {import("../lib/compare.mjs").Contender[]} */
    const contenders = [];
    for (const setup of bench.setups) {
      const { name, build } = setup;
      for (const size of sizes) {
        const ledger = await filledLedger(bench, setup, size);
        const { database, maildrop } = ledger;
        contenders.push(
          { name: nothingNewAmong(name, size), build, run: () => expectNothingNew(bench, ledger, port) },
          {
            name: newAmong(name, size),
            build,
            async run() {
              const user = `plain-${ledger.known + NEW}`;
              const sample = await fetchExactly(bench, database, NEW, { port, user, maildrop });
              ledger.known += NEW;
              return sample;
            },
          },
        );
      }
    }
    const results = await compare(bench, contenders);
    const [smallest = 0] = sizes;
    const largest = sizes.at(-1) ?? 0;
    const cost = (/** @type {string} */ name, /** @type {number} */ size) =>
      resultOf(results, newAmong(name, size)).seconds -
      resultOf(results, nothingNewAmong(name, size)).seconds;
    return {
      note: `a fetch of ${NEW.toLocaleString("en")} new messages of 4 KB beside one of none, from a server that makes up its mail`,
      results,
      reference: null,
      targets: bench.setups.map(({ name }) =>
        ratioTarget(
          `cost of a new message, ${smallest.toLocaleString("en")} → ${largest.toLocaleString("en")}, ${name}`,
          {
            of: cost(name, largest),
            to: cost(name, smallest),
            most: 1.5,
            stretch: 1.3,
            against: `that among ${smallest.toLocaleString("en")}`,
          },
        ),
      ),
    };
  },
};

/** @param {string} name @param {number} size */
function nothingNewAmong(name, size) {
  return `${name}, nothing new among ${size.toLocaleString("en")}`;
}

/** @param {string} name @param {number} size */
function newAmong(name, size) {
  return `${name}, ${NEW.toLocaleString("en")} new among ${size.toLocaleString("en")}`;
}
