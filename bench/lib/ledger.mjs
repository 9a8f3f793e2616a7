// A ledger that knows many messages without their having been fetched, as native/maildrop.c lists them.
import { createDatabase } from "./databases.mjs";
import { fetchExactly, fetchMaildrop } from "./mailonce.mjs";

/** @typedef {import("./bench.mjs").Bench} Bench */
/** @typedef {import("./databases.mjs").Database} Database */

/** The first messages are really fetched, so that what is learnt of the server is learnt. */
const FETCHED = 100;

/**
 * A maildrop in a database that knows messages 1 to `known` of the listing server. Whoever fetches more counts them.
 * @typedef {{ readonly database: Database, readonly maildrop: string, known: number }} Ledger
 */

/**
 * A ledger that was filled with `count` messages, with a listing mark over all it knows. The rows of one run share it.
 * @param {Bench} bench @param {import("./setups.mjs").Setup} setup @param {number} count
 * @returns {Promise<Ledger>}
 */
export async function filledLedger(bench, setup, count) {
  const ledger = await bench.once(`ledger of ${count}, ${setup.name}`, async () => {
    bench.say(`  filling a ledger with ${count.toLocaleString("en")} messages (${setup.name}) …`);
    const database = await bench.once(`ledgers, ${setup.name}`, () => createDatabase(bench, setup));
    const maildrop = `maildrop-${count}`;
    await fill(bench, database, maildrop, count);
    return { database, maildrop, known: count };
  });
  await expectNothingNew(bench, ledger, await bench.listings());
  return ledger;
}

/** @param {Bench} bench @param {Database} database @param {string} maildrop @param {number} count */
async function fill(bench, database, maildrop, count) {
  const port = await bench.listings();
  const user = `plain-${Math.min(FETCHED, count)}`;
  // The ledgers of all sizes know the same messages, each as a maildrop of its own.
  await fetchMaildrop(bench, database, { port, user, maildrop, options: ["--apart"] });
  const [row] = await database.query(`SELECT id FROM mailonce_maildrop WHERE name = '${maildrop}'`);
  const id = Number(row?.["id"]);
  if (count > FETCHED) await database.fill(statements(database.setup.kind, id, FETCHED + 1, count));
}

/**
 * A fetch from the listing server that has nothing to do.
 * @param {Bench} bench @param {Ledger} ledger @param {number} port
 * @param {"plain" | "paced"} [manner] of the server
 * @throws {Error} if Mailonce takes something for new
 */
export function expectNothingNew(bench, { database, maildrop, known }, port, manner = "plain") {
  return fetchExactly(bench, database, 0, { port, user: `${manner}-${known}`, maildrop });
}

/**
 * Statements that insert messages and ledger entries `first` to `last`, in the order of their keys.
 * @param {"MariaDB" | "SQLite"} kind @param {number} maildrop @param {number} first @param {number} last
 */
function statements(kind, maildrop, first, last) {
  const { numbers, id, identity, digest, now } = dialects[kind](maildrop, first, last);
  return [
    `INSERT INTO mailonce_message (id, maildrop_id, digest, copy_number, sha256, octets, subject, stored_at)
     SELECT ${id}, ${maildrop}, ${digest}, 1, ${digest}, 1500 + r % 5000, 'message', ${now}
     FROM (${numbers}) AS listed ORDER BY k`,
    `INSERT INTO mailonce_ledger_entry (maildrop_id, identity, disposition, message_id, octets, header_digest,
       core_octets, strong, bound, occurrences, attempts, first_seen_at)
     SELECT ${maildrop}, ${identity}, 'stored', ${id}, 1500 + r % 5000, ${digest}, 1500 + r % 5000, 1, 0, 1, 0, ${now}
     FROM (${numbers}) AS listed ORDER BY r`,
  ];
}

/**
 * The start of a message's id: a UUID of version 7 by its form, which sorts like the message numbers and ends in
 * something mixed. Its other parts are k in 6 and r in 8 hexadecimal digits.
 * @param {number} maildrop
 */
const idStart = (maildrop) => `018f${maildrop.toString(16).padStart(2, "0")}`;
const ID_MIDDLE = "700080000000";

const dialects = {
  /** @param {number} maildrop @param {number} first @param {number} last */
  MariaDB: (maildrop, first, last) => ({
    numbers: `SELECT seq AS k, seq * 48271 % 2147483647 AS r FROM seq_${first}_to_${last}`,
    id: `UNHEX(CONCAT('${idStart(maildrop)}', LPAD(HEX(k), 6, '0'), '${ID_MIDDLE}', LPAD(HEX(r), 8, '0')))`,
    identity: "CONCAT(LPAD(LOWER(HEX(r)), 8, '0'), LPAD(LOWER(HEX(k)), 8, '0'))",
    digest: `UNHEX(SHA2(CONCAT(k, ' of ', ${maildrop}), 256))`,
    now: "UTC_TIMESTAMP(3)",
  }),
  /** @param {number} maildrop @param {number} first @param {number} last */
  SQLite: (maildrop, first, last) => ({
    numbers: `WITH RECURSIVE count (k) AS (SELECT ${first} UNION ALL SELECT k + 1 FROM count WHERE k < ${last})
      SELECT k, k * 48271 % 2147483647 AS r FROM count`,
    id: `unhex(printf('${idStart(maildrop)}%06x${ID_MIDDLE}%08x', k, r))`,
    identity: "CAST(printf('%08x%08x', r, k) AS BLOB)",
    digest: "randomblob(32)",
    now: "'2024-01-01 00:00:00.000'",
  }),
};
