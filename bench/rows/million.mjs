// A maildrop of a million messages, on a server that only lists them; the ledger knows them all.

import { join } from "node:path";
import { compare } from "../lib/compare.mjs";
import { rawListings } from "../lib/contenders.mjs";
import { createDatabase, databaseKinds } from "../lib/databases.mjs";
import { expectNothingNew, fillLedger } from "../lib/ledger.mjs";
import { fetchMaildrop, MAILDROP } from "../lib/mailonce.mjs";
import { measure } from "../lib/measure.mjs";
import { memoryTarget, resultOf, secondsTarget } from "../lib/targets.mjs";
import { nothingNewOn, overStartUp, startUpOn } from "./nothing-new.mjs";

const TEXTBOOK = join(import.meta.dirname, "..", "peers", "textbook.mjs");
/** Messages that are new at each fetch of an unrelated listing. */
const NEW = 10;

/** @type {import("./row.mjs").Row} */
export const million = {
  name: "million",
  title: "Nothing new, and 10 new, among 1,000,000 messages",
  async measure(bench) {
    const count = bench.size(1_000_000, 20_000);
    const port = await bench.listings();
    const databases = await Promise.all(databaseKinds.map((kind) => createDatabase(bench, kind)));
    try {
      for (const database of databases) {
        bench.say(`  filling the ledger (${database.kind}) …`);
        await fillLedger(bench, database, MAILDROP, count);
      }
      const [mariadb] = databases;
      const place = { port, user: `plain-${count}` };
      const nothing = await compare(bench, [
        { name: "raw exchange", run: () => rawListings(place) },
        ...databases.flatMap((database) => [
          {
            name: startUpOn(database),
            run: () => fetchMaildrop(bench, database, { port, user: "plain-0", maildrop: "empty" }),
          },
          { name: nothingNewOn(database), run: () => expectNothingNew(bench, database, MAILDROP, place) },
        ]),
        {
          name: "textbook: one query into a hash set, MariaDB",
          most: 2,
          run: () =>
            measure([process.execPath, TEXTBOOK, `${port}`, `plain-${count}`], {
              env: { BENCH_DATABASE: mariadb?.uri ?? "", BENCH_MAILDROP: MAILDROP },
            }),
        },
      ]);
      /** How many messages each ledger knows. */
      const known = new Map(databases.map((database) => [database, count]));
      const unrelated = await compare(
        bench,
        databases.map((database) => ({
          name: `${nothingNewOn(database)}, ${NEW} new, unrelated listing`,
          async run() {
            const now = (known.get(database) ?? 0) + NEW;
            const sample = await fetchMaildrop(bench, database, { port, user: `shuffled-${now}` });
            if (!sample.output.includes(`: ${NEW} messages stored`))
              throw new Error(`not ${NEW} new: ${sample.output.slice(-200)}`);
            known.set(database, now);
            return sample;
          },
        })),
      );
      const raw = resultOf(nothing, "raw exchange").seconds;
      const among = `among ${count.toLocaleString("en")}`;
      return {
        note: `${count.toLocaleString("en")} messages from a server that makes up its listing; the raw exchange is STAT, UIDL and LIST in one go; start-up is a fetch of an empty maildrop`,
        results: [...nothing, ...unrelated],
        reference: "raw exchange",
        targets: [
          ...overStartUp(databases, nothing, `nothing new ${among}`),
          ...databases.map((database) =>
            memoryTarget(
              `nothing new ${among}, ${database.kind}`,
              resultOf(nothing, nothingNewOn(database)).peakOctets,
              160,
            ),
          ),
          ...databases.flatMap(({ kind }, at) => {
            const { seconds, peakOctets } = unrelated[at] ?? { seconds: Number.NaN, peakOctets: 0 };
            const work = `${NEW} new ${among}, unrelated listing, ${kind}`;
            return [
              secondsTarget(work, seconds - raw, 2.5, "over the raw exchange"),
              memoryTarget(work, peakOctets, 250),
            ];
          }),
        ],
      };
    } finally {
      for (const database of databases) await database.drop();
    }
  },
};
