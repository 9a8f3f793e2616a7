// A ledger that knows many messages without their having been fetched, as native/maildrop.c lists them.
import { fetchMaildrop } from "./mailonce.mjs";

/** @typedef {import("./bench.mjs").Bench} Bench */
/** @typedef {import("./databases.mjs").Database} Database */

/** The first messages are really fetched, so that what is learnt of the server is learnt. */
const FETCHED = 100;
const BATCH = 100_000;

/**
 * Fills a maildrop's ledger with messages 1 to `count` of the listing server, and lets Mailonce look at it once, which
 * leaves the listing mark.
 * @param {Bench} bench @param {Database} database @param {string} maildrop @param {number} count
 */
export async function fillLedger(bench, database, maildrop, count) {
  const port = await bench.listings();
  await fetchMaildrop(bench, database, { port, user: `plain-${Math.min(FETCHED, count)}`, maildrop });
  const [row] = await database.query(`SELECT id FROM mailonce_maildrop WHERE name = '${maildrop}'`);
  const id = Number(row?.["id"]);
  for (let from = FETCHED; from < count; from += BATCH) {
    const to = Math.min(from + BATCH, count);
    for (const statement of statements(database.kind, id, from + 1, to)) await database.query(statement);
  }
  await expectNothingNew(bench, database, maildrop, { port, user: `plain-${count}` });
}

/**
 * A fetch that has nothing to do.
 * @param {Bench} bench @param {Database} database @param {string} maildrop
 * @param {import("./contenders.mjs").Place} place
 * @throws {Error} if Mailonce takes something for new
 */
export async function expectNothingNew(bench, database, maildrop, place) {
  const sample = await fetchMaildrop(bench, database, { ...place, maildrop });
  if (!/: 0 messages stored, [\d,]+ known/.test(sample.output))
    throw new Error(`not nothing new: ${sample.output.slice(-200)}`);
  return sample;
}

/**
 * Statements that insert messages and ledger entries `first` to `last`, in the order of their keys.
 * @param {"MariaDB" | "SQLite"} kind @param {number} maildrop @param {number} first @param {number} last
 */
function statements(kind, maildrop, first, last) {
  const { settings, numbers, id, identity, digest, now } = dialects[kind](maildrop, first, last);
  return [
    ...settings,
    `INSERT INTO mailonce_message (id, maildrop_id, digest, copy_number, sha256, octets, subject, stored_at)
     SELECT ${id}, ${maildrop}, ${digest}, 1, ${digest}, 1500 + r % 5000, 'message', ${now}
     FROM (${numbers}) AS listed ORDER BY k`,
    `INSERT INTO mailonce_ledger_entry (maildrop_id, identity, disposition, message_id, octets, header_digest,
       core_octets, strong, bound, occurrences, attempts, first_seen_at)
     SELECT ${maildrop}, ${identity}, 'stored', ${id}, 1500 + r % 5000, ${digest}, 1500 + r % 5000, 1, 0, 1, 0, ${now}
     FROM (${numbers}) AS listed ORDER BY r`,
  ];
}

/** A UUID of version 7 by its form, that sorts like the message numbers, up to its last 15 digits. @param {number} maildrop */
const idStart = (maildrop) => `018f${maildrop.toString(16).padStart(4, "0")}000070008`;

const dialects = {
  /** @param {number} maildrop @param {number} first @param {number} last */
  MariaDB: (maildrop, first, last) => ({
    // For this connection only, which does nothing else.
    settings: ["SET SESSION unique_checks = 0", "SET SESSION foreign_key_checks = 0"],
    numbers: `SELECT seq AS k, seq * 48271 % 2147483647 AS r FROM seq_${first}_to_${last}`,
    id: `UNHEX(CONCAT('${idStart(maildrop)}', LPAD(HEX(k), 15, '0')))`,
    identity: "CONCAT(LPAD(LOWER(HEX(r)), 8, '0'), LPAD(LOWER(HEX(k)), 8, '0'))",
    digest: `UNHEX(SHA2(CONCAT(k, ' of ', ${maildrop}), 256))`,
    now: "UTC_TIMESTAMP(3)",
  }),
  /** @param {number} maildrop @param {number} first @param {number} last */
  SQLite: (maildrop, first, last) => ({
    settings: [],
    numbers: `WITH RECURSIVE count (k) AS (SELECT ${first} UNION ALL SELECT k + 1 FROM count WHERE k < ${last})
      SELECT k, k * 48271 % 2147483647 AS r FROM count`,
    id: `unhex('${idStart(maildrop)}' || printf('%015x', k))`,
    identity: "CAST(printf('%08x%08x', r, k) AS BLOB)",
    digest: "randomblob(32)",
    now: "'2024-01-01 00:00:00.000'",
  }),
};
