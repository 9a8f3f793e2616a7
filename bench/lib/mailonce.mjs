// The command line, as a user runs it.
import { join } from "node:path";
import { measure } from "./measure.mjs";

/** @typedef {import("./databases.mjs").Database} Database */

/** What runs the command line. @param {import("./setups.mjs").Build} build */
export function mailonce({ node, root }) {
  return [node, join(root, "apps", "cli", "bin", "mailonce.js")];
}

/** What the fetched maildrop is called in the ledger, whatever the user is called on the server. */
export const MAILDROP = "inbox";

/**
 * `mailonce fetch` of one maildrop.
 * @param {import("./bench.mjs").Bench} bench
 * @param {Database} database
 * @param {{ readonly port: number, readonly user: string, readonly maildrop?: string, readonly options?: readonly string[],
 *   readonly probe?: { readonly options: readonly string[], readonly env: Readonly<Record<string, string>> } }} from
 *   probe: options and environment for Node itself
 */
export async function fetchMaildrop(bench, database, from) {
  const { port, user, maildrop = MAILDROP, options = [], probe = { options: [], env: {} } } = from;
  const url = `pop3://${user}@127.0.0.1:${port}?tls=none`;
  const [node = "", program = ""] = mailonce(database.setup.build);
  const command = [
    node,
    ...probe.options,
    program,
    "fetch",
    ...database.option,
    "--maildrop",
    maildrop,
    ...options,
    url,
  ];
  return measure(command, { env: { ...environment(bench, database), ...probe.env } });
}

/**
 * The same, of so many messages that are new.
 * @param {import("./bench.mjs").Bench} bench
 * @param {Database} database
 * @param {number} messages
 * @param {Parameters<typeof fetchMaildrop>[2]} from
 * @throws {Error} if it stores more or fewer
 */
export async function fetchExactly(bench, database, messages, from) {
  const sample = await fetchMaildrop(bench, database, from);
  const stored = /: ([\d,]+) messages? stored/.exec(sample.output)?.[1]?.replaceAll(",", "");
  if (Number(stored) !== messages) throw new Error(`not ${messages} new: ${sample.output.slice(-200)}`);
  return sample;
}

/**
 * Everything that Mailonce reads of the environment.
 * @param {import("./bench.mjs").Bench} bench
 * @param {Database} database
 */
export function environment(bench, database) {
  return { HOME: bench.folder, TMPDIR: bench.folder, MAILONCE_PASSWORD: "secret", ...database.env };
}

/**
 * What the database holds.
 * @param {Database} database
 * @returns {Promise<{ readonly messages: number, readonly octets: number }>}
 */
export async function storedMail(database) {
  const [row] = await database.query(
    "SELECT COUNT(*) AS messages, COALESCE(SUM(octets), 0) AS octets FROM mailonce_message",
  );
  return { messages: Number(row?.["messages"]), octets: Number(row?.["octets"]) };
}

/**
 * @param {Database} database
 * @param {{ readonly messages: number, readonly octets: number }} expected
 * @throws {Error} unless the database holds exactly this
 */
export async function expectStored(database, expected) {
  const stored = await storedMail(database);
  if (stored.messages !== expected.messages || stored.octets !== expected.octets)
    throw new Error(
      `${stored.messages} messages of ${stored.octets} octets are stored, not ${expected.messages} of ${expected.octets}`,
    );
}
