// How long the program takes before it does anything.
import { compare } from "../lib/compare.mjs";
import { createDatabase } from "../lib/databases.mjs";
import { fetchExactly, mailonce } from "../lib/mailonce.mjs";
import { measure } from "../lib/measure.mjs";
import { named } from "../lib/setups.mjs";
import { ratioTarget, resultOf } from "../lib/targets.mjs";

/** @type {import("./row.mjs").Row} */
export const startUp = {
  name: "start-up",
  title: "Start-up",
  async measure(bench) {
    const empty = { port: await bench.listings(), user: "plain-0" };
    const databases = await Promise.all(bench.setups.map((setup) => createDatabase(bench, setup)));
    // The tables are there, and what Node compiled is kept.
    const env = { HOME: bench.folder };
    for (const database of databases) await fetchExactly(bench, database, 0, empty);
    try {
      const results = await compare(
        bench,
        [
          ...bench.builds.flatMap((build) => [
            { name: named(NOTHING, build), run: () => measure([build.node, "-e", "0"]) },
            ...["--version", "--help"].map((option) => ({
              name: named(`mailonce ${option}`, build),
              build,
              run: () => measure([...mailonce(build), option], { env }),
            })),
          ]),
          ...databases.map((database) => ({
            name: emptyOn(database.setup),
            build: database.setup.build,
            run: () => fetchExactly(bench, database, 0, empty),
          })),
        ],
        bench.size(15, 3),
      );
      const against = NOTHING;
      /** @param {string} name @param {import("../lib/setups.mjs").Build} build */
      const times = (name, build) => ({
        of: resultOf(results, name).seconds,
        to: resultOf(results, named(NOTHING, build)).seconds,
        against,
      });
      return {
        note: "medians of many starts; an empty maildrop on a server in C",
        results,
        reference: results[0]?.name ?? null,
        targets: [
          ...bench.builds.map((build) => {
            const name = named("mailonce --version", build);
            return ratioTarget(name, { ...times(name, build), most: 2 });
          }),
          ...bench.setups.map((setup) => {
            const name = emptyOn(setup);
            return ratioTarget(name, { ...times(name, setup.build), most: 5, stretch: 4 });
          }),
        ],
      };
    } finally {
      for (const database of databases) await database.drop();
    }
  },
};

const NOTHING = "node -e 0";

/** @param {import("../lib/setups.mjs").Setup} setup */
const emptyOn = ({ name }) => `fetch of an empty maildrop, ${name}`;
