// A maildrop of 100,000 messages on Dovecot, all of which are known.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import Pop3Command from "node-pop3";
import { compare } from "../lib/compare.mjs";
import { fetchmail, mpop, nodeLoop, rawListings } from "../lib/contenders.mjs";
import { createDatabase } from "../lib/databases.mjs";
import { equalMail } from "../lib/mail.mjs";
import { ensureMaildir } from "../lib/maildirs.mjs";
import { expectStored, fetchExactly, fetchMaildrop } from "../lib/mailonce.mjs";
import { median } from "../lib/statistics.mjs";
import { ratioTarget, resultOf } from "../lib/targets.mjs";

const EVERYTHING = 1_000_000_000;

/** @type {import("./row.mjs").Row} */
export const nothingNew = {
  name: "nothing-100k",
  title: "Nothing new among 100,000 messages",
  async measure(bench) {
    const dovecot = await bench.dovecot();
    const user = bench.quick ? "small-2000" : "small-100000";
    bench.say("  making the maildrop (once), fetching it for each database …");
    const mail = ensureMaildir(user, () => equalMail(bench.size(100_000, 2000), 1000));
    ensureMaildir("empty", () => equalMail(0, 0));
    dovecot.addUser(user);
    dovecot.addUser("empty");
    const place = { port: dovecot.pop3Port, user };
    const known = join(bench.folder, "known");
    writeFileSync(known, `${(await uniqueIds(place)).join("\n")}\n`);
    const databases = await Promise.all(bench.setups.map((setup) => createDatabase(bench, setup)));
    try {
      for (const database of databases) {
        await fetchMaildrop(bench, database, place);
        await expectStored(database, mail);
      }
      const results = await compare(bench, [
        { name: "raw exchange", run: () => rawListings(place) },
        ...databases.flatMap((database) => {
          const { setup } = database;
          const { build } = setup;
          const empty = { ...place, user: "empty", maildrop: "empty" };
          return [
            { name: startUpOn(setup), build, run: () => fetchMaildrop(bench, database, empty) },
            { name: nothingNewOn(setup), build, run: () => fetchExactly(bench, database, 0, place) },
          ];
        }),
        { name: "mpop", run: () => mpop(bench)(place, EVERYTHING, known) },
        { name: "fetchmail", run: () => fetchmail(bench)(place, EVERYTHING, known) },
        { name: "node-pop3, hash set", run: () => nodeLoop("node-pop3")(place, EVERYTHING, known) },
      ]);
      return {
        note: `${mail.messages.toLocaleString("en")} messages from Dovecot; the raw exchange is STAT, UIDL and LIST in one go; start-up is a fetch of an empty maildrop`,
        results,
        reference: "raw exchange",
        targets: overStartUp(
          bench.setups,
          results,
          `nothing new among ${mail.messages.toLocaleString("en")}`,
        ),
      };
    } finally {
      for (const database of databases) await database.drop();
    }
  },
};

/** @typedef {import("../lib/setups.mjs").Setup} Setup */

/** @param {Setup} setup */
export const startUpOn = ({ name }) => `Mailonce, ${name}, empty maildrop`;
/** @param {Setup} setup */
export const nothingNewOn = ({ name }) => `Mailonce, ${name}`;

/**
 * Time over start-up against the raw exchange: the median of what each round says, so that what disturbs a round disturbs
 * both. `manner` ends the names of what is compared.
 * @param {readonly Setup[]} setups @param {readonly import("../lib/compare.mjs").Result[]} results
 * @param {string} work @param {string} [manner]
 */
export function overStartUp(setups, results, work, manner = "") {
  return setups.map((setup) => {
    const { samples } = resultOf(results, nothingNewOn(setup) + manner);
    const startUp = resultOf(results, startUpOn(setup)).samples;
    return ratioTarget(`${work}, ${setup.name}, over start-up${manner}`, {
      of: median(samples.map(({ seconds }, round) => seconds - (startUp[round]?.seconds ?? Number.NaN))),
      to: resultOf(results, `raw exchange${manner}`).seconds,
      most: 1.3,
      against: "raw exchange",
    });
  });
}

/** In the order of the listing. @param {import("../lib/contenders.mjs").Place} place */
async function uniqueIds({ port, user }) {
  const pop3 = new Pop3Command({ host: "127.0.0.1", port, user, password: "secret" });
  const listing = await pop3.UIDL();
  await pop3.QUIT();
  return listing.map(([, uniqueId = ""]) => uniqueId);
}
