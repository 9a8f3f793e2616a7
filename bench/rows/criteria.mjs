// Criteria decide on every message of a large maildrop by its header, and want none of them.
import { compare } from "../lib/compare.mjs";
import { rawHeaders } from "../lib/contenders.mjs";
import { createDatabase, databaseKinds } from "../lib/databases.mjs";
import { equalMail, ordinaryMail } from "../lib/mail.mjs";
import { ensureMaildir } from "../lib/maildirs.mjs";
import { fetchExactly, fetchMaildrop, MAILDROP } from "../lib/mailonce.mjs";
import { ratioTarget, resultOf } from "../lib/targets.mjs";

/** @typedef {import("../lib/bench.mjs").Bench} Bench */
/** @typedef {import("../lib/contenders.mjs").Place} Place */

const DELAY = 20;
const QUERY = "subject:(invoice* OR receipt) AND NOT from:*@example.org AND octets:<5M AND date:>=2000";
const OTHER_QUERY = "subject:/invoice|receipt/ OR list-id:*";

/** @type {import("./row.mjs").Row} */
export const criteria = {
  name: "criteria",
  title: `Criteria decide on 10,000 messages by their headers, ${DELAY} ms`,
  async measure(bench) {
    const dovecot = await bench.dovecot();
    const user = bench.quick ? "ordinary-500" : "ordinary-10000";
    const { messages } = ensureMaildir(user, () => ordinaryMail(bench.size(10_000, 500)));
    dovecot.addUser(user);
    const place = { port: await bench.relay(dovecot.pop3Port, DELAY), user };
    await rawHeaders(place, messages);

    const results = await compare(bench, [
      { name: "raw TOP exchange", run: () => rawHeaders(place, messages) },
      ...databaseKinds.flatMap((kind) => [
        { name: `empty maildrop, ${kind}`, run: () => startUp(bench, kind, place) },
        { name: `first criteria, ${kind}`, run: () => decide(bench, kind, place, null) },
        { name: `changed criteria, ${kind}`, run: () => decide(bench, kind, place, OTHER_QUERY) },
      ]),
    ]);
    const to = resultOf(results, "raw TOP exchange").seconds;
    return {
      note: `${messages.toLocaleString("en")} messages on Dovecot, none of them wanted; --where '${QUERY}'; start-up is a fetch of an empty maildrop`,
      results,
      reference: "raw TOP exchange",
      targets: databaseKinds.flatMap((kind) =>
        ["first", "changed"].flatMap((which) => {
          const work = `${which} criteria on ${messages.toLocaleString("en")}, ${DELAY} ms, ${kind}`;
          const whole = resultOf(results, `${which} criteria, ${kind}`).seconds;
          const deciding = whole - resultOf(results, `empty maildrop, ${kind}`).seconds;
          const limit = { to, most: 3, against: "raw TOP exchange" };
          return [
            ratioTarget(work, { of: whole, ...limit }),
            ratioTarget(`${work}, over start-up`, { of: deciding, ...limit }),
          ];
        }),
      ),
    };
  },
};

/** @param {Bench} bench @param {"MariaDB" | "SQLite"} kind @param {Place} place */
async function startUp(bench, kind, { port }) {
  const dovecot = await bench.dovecot();
  ensureMaildir("empty", () => equalMail(0, 0));
  dovecot.addUser("empty");
  const database = await createDatabase(bench, kind);
  try {
    const empty = { user: "empty", maildrop: "empty" };
    await fetchMaildrop(bench, database, { ...empty, port: dovecot.pop3Port });
    return await fetchMaildrop(bench, database, { ...empty, port });
  } finally {
    await database.drop();
  }
}

/**
 * A fetch that decides on all messages and stores none: the first one of this maildrop, or one with other criteria.
 * @param {Bench} bench @param {"MariaDB" | "SQLite"} kind @param {Place} place @param {string | null} changed
 */
async function decide(bench, kind, place, changed) {
  const dovecot = await bench.dovecot();
  const database = await createDatabase(bench, kind);
  try {
    const first = { ...place, maildrop: MAILDROP, options: ["--where", QUERY] };
    if (changed === null) {
      // The tables are there, and nothing else.
      dovecot.addUser("empty");
      await fetchMaildrop(bench, database, { port: dovecot.pop3Port, user: "empty", maildrop: "empty" });
      return await fetchExactly(bench, database, 0, first);
    }
    await fetchExactly(bench, database, 0, { ...first, port: dovecot.pop3Port });
    return await fetchExactly(bench, database, 0, { ...first, options: ["--where", changed] });
  } finally {
    await database.drop();
  }
}
