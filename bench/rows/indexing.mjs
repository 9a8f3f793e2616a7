// What it costs to make stored mail searchable: beside a fetch, and afterwards.
import { mkdtempSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { compare } from "../lib/compare.mjs";
import { rawListings } from "../lib/contenders.mjs";
import { createDatabase } from "../lib/databases.mjs";
import { equalMail, ordinaryMail } from "../lib/mail.mjs";
import { ensureMaildir, restoreUnread } from "../lib/maildirs.mjs";
import { environment, expectStored, fetchMaildrop, mailonce } from "../lib/mailonce.mjs";
import { measure } from "../lib/measure.mjs";
import { inSeconds } from "../lib/seconds.mjs";
import { median } from "../lib/statistics.mjs";
import { ratioTarget, resultOf } from "../lib/targets.mjs";

/** @typedef {import("../lib/bench.mjs").Bench} Bench */
/** @typedef {import("../lib/databases.mjs").Database} Database */
/** @typedef {import("../lib/maildirs.mjs").MaildirContents} MaildirContents */
/** @typedef {import("../lib/setups.mjs").Setup} Setup */

/** Each round fetches the long maildrop twice for every database. */
const ROUNDS = 3;
const MOST = 1.15;

/** What a sample is besides its times. @typedef {{ readonly indexed: number, readonly diskOctets?: number }} Fact */

/** @type {import("./row.mjs").Row} */
export const indexing = {
  name: "indexing",
  title: "Indexing 10,000 messages, and beside fetches of 10,000 and 100,000",
  async measure(bench) {
    const { ordinary, long } = await maildrops(bench);
    const configuration = withoutIndex(bench);
    /** By contender, one for each round. @type {Map<string, Fact[]>} */
    const facts = new Map();

    /** @param {string} name @param {Setup} setup @param {typeof ordinary} from @param {readonly string[]} options */
    const fetching = (name, setup, { place, mail, prepare }, options) => ({
      name,
      build: setup.build,
      prepare,
      run: () =>
        withDatabase(bench, setup, async (database) => {
          const sample = await fetchMaildrop(bench, database, { ...place, options });
          await expectStored(database, mail);
          note(name, { indexed: await indexedIn(database) });
          return sample;
        }),
    });
    /** @param {string} name @param {Fact} fact */
    const note = (name, fact) => facts.set(name, [...(facts.get(name) ?? []), fact]);

    const none = ["--config", configuration];
    const drops = [ordinary, long];
    const results = await compare(
      bench,
      bench.setups.flatMap((setup) => [
        ...drops.flatMap((from) => [
          fetching(fetchName(from.mail, setup, "content: none, "), setup, from, none),
          fetching(fetchName(from.mail, setup), setup, from, []),
        ]),
        {
          name: indexName(setup),
          build: setup.build,
          run: () =>
            withDatabase(bench, setup, async (database) => {
              await fetchMaildrop(bench, database, { ...ordinary.place, options: none });
              await expectStored(database, ordinary.mail);
              const before = await database.size();
              const command = [...mailonce(setup.build), "index", ...database.option];
              const sample = await measure(command, { env: environment(bench, database) });
              const indexed = await indexedIn(database);
              if (indexed !== ordinary.mail.messages) throw new Error(`only ${indexed} are indexed`);
              note(indexName(setup), { indexed, diskOctets: (await database.size()) - before });
              return sample;
            }),
        },
      ]),
      Math.min(bench.rounds, ROUNDS),
    );
    const [few, many] = drops.map(({ mail }) => mail.messages.toLocaleString("en"));
    return {
      title: `Indexing ${few} messages, and beside fetches of ${few} and ${many}`,
      note: `${few} unread messages, ${(ordinary.mail.octets / 1e6).toFixed(0)} MB, as in first-0, and ${many} of 1 kB, from Dovecot; CPU is that of the process and its reader, not of the server; memory that of the larger of the two, as what the reader takes beside it was not measured; disk is what the database has grown by, texts included, of mail that has few different words`,
      results: results.map((result) => ({ ...result, more: columns(result, facts.get(result.name) ?? []) })),
      reference: null,
      targets: bench.setups.flatMap((setup) =>
        drops.map(({ mail }) =>
          ratioTarget(fetchName(mail, setup), {
            of: resultOf(results, fetchName(mail, setup)).seconds,
            to: resultOf(results, fetchName(mail, setup, "content: none, ")).seconds,
            most: MOST,
            against: "content: none",
          }),
        ),
      ),
    };
  },
};

/** @param {MaildirContents} mail @param {Setup} setup @param {string} [how] */
const fetchName = ({ messages }, { name }, how = "") =>
  `fetch of ${messages.toLocaleString("en")}, ${how}${name}`;

/** @param {Setup} setup */
const indexName = ({ name }) => `mailonce index, ${name}`;

/** Medians of what was noted. @param {import("../lib/compare.mjs").Result} result @param {readonly Fact[]} facts */
function columns({ seconds, cpuSeconds }, facts) {
  const indexed = median(facts.map((fact) => fact.indexed));
  const disk = median(facts.flatMap(({ diskOctets }) => diskOctets ?? []));
  return {
    indexed: Math.round(indexed).toLocaleString("en"),
    ...(Number.isNaN(disk)
      ? {}
      : {
          "messages a second": Math.round(indexed / seconds).toLocaleString("en"),
          "CPU a message": inSeconds(cpuSeconds / indexed),
          "disk a message": `${(disk / indexed / 1000).toFixed(1)} kB`,
        }),
  };
}

/** Messages as they are, and so many that a fetch of them takes longer than the two seconds after which it begins to index. @param {Bench} bench */
async function maildrops(bench) {
  const dovecot = await bench.dovecot();
  const port = dovecot.pop3Port;
  const source = bench.quick ? "ordinary-500" : "ordinary-10000";
  const small = bench.quick ? "small-2000" : "small-100000";
  const ordinary = { port, user: `unread-${source}` };
  const long = { port, user: small };
  const ordinaryContents = ensureMaildir(source, () => ordinaryMail(bench.size(10_000, 500)));
  const longContents = ensureMaildir(small, () => equalMail(bench.size(100_000, 2000), 1000));
  ensureMaildir("empty", () => equalMail(0, 0));
  for (const user of [ordinary.user, long.user, "empty"]) dovecot.addUser(user);
  return {
    ordinary: {
      place: ordinary,
      mail: ordinaryContents,
      prepare: () => restoreUnread(ordinary.user, source, () => rawListings(ordinary)),
    },
    long: { place: long, mail: longContents, prepare: async () => undefined },
  };
}

/** An accounts file that says so; its account is not fetched. @param {Bench} bench */
function withoutIndex(bench) {
  const file = join(mkdtempSync(join(bench.folder, "accounts-")), "accounts.yaml");
  writeFileSync(file, "content: none\naccounts:\n  unused:\n    url: pop3s://unused@127.0.0.1\n");
  return file;
}

/**
 * Lends a database whose tables are there: a fetch of an empty maildrop has made them.
 * @template T
 * @param {Bench} bench @param {Setup} setup @param {(database: Database) => Promise<T>} use
 * @returns {Promise<T>}
 */
async function withDatabase(bench, setup, use) {
  const { pop3Port: port } = await bench.dovecot();
  const database = await createDatabase(bench, setup);
  try {
    await fetchMaildrop(bench, database, { port, user: "empty", maildrop: "empty" });
    return await use(database);
  } finally {
    await database.drop();
  }
}

/** How many messages were read. @param {Database} database */
async function indexedIn(database) {
  const [row] = await database.query("SELECT COUNT(*) AS messages FROM mailonce_message_content");
  return Number(row?.["messages"]);
}
