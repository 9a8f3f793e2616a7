// Large messages: many of 5 MB, and one of 500 MB.
import { compare } from "../lib/compare.mjs";
import { fetchmail, mpop, nodeLoop, rawFetch } from "../lib/contenders.mjs";
import { createDatabase } from "../lib/databases.mjs";
import { equalMail } from "../lib/mail.mjs";
import { ensureMaildir } from "../lib/maildirs.mjs";
import { environment, fetchMaildrop, mailonce } from "../lib/mailonce.mjs";
import { measure } from "../lib/measure.mjs";
import { memoryTarget, ratioTarget, resultOf } from "../lib/targets.mjs";
import { firstFetchInto } from "./first-fetch.mjs";

/** @typedef {import("../lib/bench.mjs").Bench} Bench */
/** @typedef {import("../lib/measure.mjs").Sample} Sample */

const EVERYTHING = 1_000_000_000;
/** Every round writes a gigabyte for each contender. */
const ROUNDS = 3;

/** @type {import("./row.mjs").Row} */
export const large = {
  name: "large-200",
  title: "First fetch of 200 messages of 5 MB",
  async measure(bench) {
    const { place, mail } = await maildrop(bench, bench.size(200, 10), 5e6);
    await rawFetch(place, mail.messages, mail.octets);
    const results = await compare(
      bench,
      [
        { name: "raw limit", run: () => rawFetch(place, mail.messages, mail.octets) },
        ...bench.setups.map((setup) => ({
          name: `Mailonce, ${setup.name}`,
          build: setup.build,
          run: () => firstFetchInto(bench, setup, place, mail),
        })),
        { name: "mpop, mbox file", most: 1, run: () => mpop(bench)(place, EVERYTHING, "-") },
        { name: "fetchmail, one file", most: 1, run: () => fetchmail(bench)(place, EVERYTHING, "-") },
        { name: "node-pop3, nowhere", most: 1, run: () => nodeLoop("node-pop3")(place, EVERYTHING, "-") },
        { name: "yapople, nowhere", most: 1, run: () => nodeLoop("yapople")(place, EVERYTHING, "-") },
      ],
      Math.min(bench.rounds, ROUNDS),
    );
    const to = resultOf(results, "raw limit").seconds;
    return {
      note: `${mail.messages} messages, ${(mail.octets / 1e6).toFixed(0)} MB, from Dovecot`,
      results,
      reference: "raw limit",
      targets: bench.setups.flatMap(({ name, kind }) => {
        const { seconds, peakOctets } = resultOf(results, `Mailonce, ${name}`);
        const work = `${mail.messages} messages of 5 MB, ${name}`;
        const bounds = kind === "MariaDB" ? { most: 2.0, stretch: 1.6 } : { most: 1.7, stretch: 1.5 };
        return [
          ratioTarget(work, { of: seconds, to, ...bounds, against: "raw limit" }),
          memoryTarget(work, peakOctets, { most: 160 }),
        ];
      }),
    };
  },
};

/** @type {import("./row.mjs").Row} */
export const huge = {
  name: "huge",
  title: "One message of 500 MB",
  async measure(bench) {
    const octets = bench.size(500e6, 50e6);
    const { place, mail } = await maildrop(bench, 1, octets);
    await rawFetch(place, mail.messages, mail.octets);
    const databases = await Promise.all(bench.setups.map((setup) => createDatabase(bench, setup)));
    try {
      const options = ["--max-octets", "600M"];
      const results = await compare(
        bench,
        [
          { name: "raw limit", run: () => rawFetch(place, mail.messages, mail.octets) },
          ...databases.flatMap((database) => {
            const { name, build } = database.setup;
            return [
              {
                name: `Mailonce fetch, ${name}`,
                build,
                run: () => fetchMaildrop(bench, database, { ...place, options }),
              },
              {
                name: `Mailonce show --raw, ${name}`,
                build,
                run: () => showExactly(bench, database, mail.sha256),
              },
            ];
          }),
        ],
        // What is stored is not fetched again.
        1,
      );
      return {
        note: `${(mail.octets / 1e6).toFixed(0)} MB from Dovecot; what \`show --raw\` writes has the SHA-256 of what was delivered`,
        results,
        reference: "raw limit",
        targets: bench.setups.flatMap(({ name }) => {
          const fetched = resultOf(results, `Mailonce fetch, ${name}`);
          const show = resultOf(results, `Mailonce show --raw, ${name}`);
          const work = `one message of ${(octets / 1e6).toFixed(0)} MB, ${name}`;
          return [
            memoryTarget(`${work}, fetch`, fetched.peakOctets, { most: 160 }),
            memoryTarget(`${work}, show --raw`, show.peakOctets, { most: 160 }),
            {
              work: `${work}: octets`,
              measured: show.error === null ? "byte-exact" : "failed",
              target: "byte-exact",
              met: show.error === null ? true : null,
            },
          ];
        }),
      };
    } finally {
      for (const database of databases) await database.drop();
    }
  },
};

/** @param {Bench} bench @param {number} count @param {number} octets */
async function maildrop(bench, count, octets) {
  const dovecot = await bench.dovecot();
  const user = `equal-${count}-${octets}`;
  const mail = ensureMaildir(user, () => equalMail(count, octets));
  dovecot.addUser(user);
  return { mail, place: { port: dovecot.pop3Port, user } };
}

/**
 * `show --raw` of the one message in the database.
 * @param {Bench} bench @param {import("../lib/databases.mjs").Database} database @param {string} sha256
 * @throws {Error} if it differs
 */
async function showExactly(bench, database, sha256) {
  const env = environment(bench, database);
  const program = mailonce(database.setup.build);
  const listed = await measure([...program, "list", ...database.option, "--json"], { env });
  const { id } = JSON.parse(listed.output.split("\n")[0] ?? "");
  const show = [...program, "show", ...database.option, "--raw", id];
  const sample = await measure(["sh", "-c", '"$@" | sha256sum', "sh", ...show], { env });
  if (!sample.output.startsWith(sha256)) throw new Error(`the stored message is not what was delivered`);
  return sample;
}
