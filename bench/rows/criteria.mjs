// Criteria decide on every message of a large maildrop by its header, and want none of them.
import { compare } from "../lib/compare.mjs";
import { rawHeaders } from "../lib/contenders.mjs";
import { createDatabase } from "../lib/databases.mjs";
import { equalMail, ordinaryMail } from "../lib/mail.mjs";
import { ensureMaildir } from "../lib/maildirs.mjs";
import { fetchExactly, fetchMaildrop, MAILDROP } from "../lib/mailonce.mjs";
import { ratioTarget, resultOf } from "../lib/targets.mjs";

/** @typedef {import("../lib/bench.mjs").Bench} Bench */
/** @typedef {import("../lib/contenders.mjs").Place} Place */
/** @typedef {import("../lib/setups.mjs").Setup} Setup */

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
      ...bench.setups.flatMap((setup) => {
        const { name, build } = setup;
        return [
          { name: `empty maildrop, ${name}`, build, run: () => startUp(bench, setup, place) },
          { name: `first criteria, ${name}`, build, run: () => decide(bench, setup, place, null) },
          { name: `changed criteria, ${name}`, build, run: () => decide(bench, setup, place, OTHER_QUERY) },
        ];
      }),
    ]);
    const to = resultOf(results, "raw TOP exchange").seconds;
    return {
      note: `${messages.toLocaleString("en")} messages on Dovecot, none of them wanted; --where '${QUERY}'; start-up is a fetch of an empty maildrop`,
      results,
      reference: "raw TOP exchange",
      targets: bench.setups.flatMap(({ name }) =>
        ["first", "changed"].map((which) => {
          const whole = resultOf(results, `${which} criteria, ${name}`).seconds;
          return ratioTarget(
            `${which} criteria on ${messages.toLocaleString("en")}, ${DELAY} ms, ${name}, over start-up`,
            {
              of: whole - resultOf(results, `empty maildrop, ${name}`).seconds,
              to,
              most: 2.5,
              stretch: 2,
              against: "raw TOP exchange",
            },
          );
        }),
      ),
    };
  },
};

/** @param {Bench} bench @param {Setup} setup @param {Place} place */
async function startUp(bench, setup, { port }) {
  const dovecot = await bench.dovecot();
  ensureMaildir("empty", () => equalMail(0, 0));
  dovecot.addUser("empty");
  const database = await createDatabase(bench, setup);
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
 * @param {Bench} bench @param {Setup} setup @param {Place} place @param {string | null} changed
 */
async function decide(bench, setup, place, changed) {
  const dovecot = await bench.dovecot();
  const database = await createDatabase(bench, setup);
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
