// Those who take part in more than one row.
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { measure } from "./measure.mjs";
import { nativeProgram } from "./native.mjs";
import { offered } from "./offered.mjs";

/** @typedef {import("./bench.mjs").Bench} Bench */
/** @typedef {import("./measure.mjs").Sample} Sample */

/** A maildrop on a server. @typedef {{ readonly port: number, readonly user: string }} Place */

/** Someone who fetches at most `limit` messages, knowing the unique-ids of a file. `-`: none.
 * @typedef {(place: Place, limit: number, known: string) => Promise<Sample>} Fetcher */

const PEERS = join(import.meta.dirname, "..", "peers");

/** Everything in one go on a bare socket. @param {Place} place @param {number} messages @param {number} octets */
export async function rawFetch({ port, user }, messages, octets) {
  const sample = await measure([nativeProgram("raw"), `${port}`, user, "secret", "fetch", `${messages}`]);
  const received = Number(sample.output.split(" ")[1]);
  if (received < octets) throw new Error(`only ${received} of ${octets} octets came`);
  return sample;
}

/** LIST and all headers in one go on a bare socket. @param {Place} place @param {number} messages */
export function rawHeaders({ port, user }, messages) {
  return measure([nativeProgram("raw"), `${port}`, user, "secret", "headers", `${messages}`]);
}

/** STAT, UIDL and LIST in one go on a bare socket. @param {Place} place */
export function rawListings({ port, user }) {
  return measure([nativeProgram("raw"), `${port}`, user, "secret", "listings"]);
}

/**
 * @mailonce/pop3 in a program that runs already and knows the server, contents thrown away: time and CPU from connecting to
 * the answer to QUIT.
 * @param {import("./setups.mjs").Build} build @param {Place} place @param {number} octets
 */
export async function clientAlone({ node, root }, { port, user }, octets) {
  const program = join(root, "bench", "client", "client.mjs");
  const sample = await measure([node, program, `${port}`, user, "secret", await offered(port)]);
  const [, ms = 0, received, , cpuMs = 0] = sample.output.split(" ").map(Number);
  if (received !== octets) throw new Error(`${received} of ${octets} octets came`);
  return { ...sample, seconds: ms / 1000, cpuSeconds: cpuMs / 1000 };
}

/** A loop in Node. @param {"node-pop3" | "yapople"} name @param {Readonly<Record<string, string>>} [env] @returns {Fetcher} */
export function nodeLoop(name, env = {}) {
  const program = [process.execPath, join(PEERS, `${name}.mjs`)];
  return async ({ port, user }, limit, known) => {
    const sample = await measure([...program, `${port}`, user, `${limit}`, known], { env });
    if (Number(sample.output) > 0 !== (known === "-")) throw new Error(`fetched ${sample.output}`);
    return sample;
  };
}

/**
 * The least that Node can do: everything pipelined into a database in large statements, no ledger, nothing checked.
 * @param {Place} place @param {number} messages @param {import("./databases.mjs").Database} database
 */
export async function bareNode({ port, user }, messages, { setup, uri, file }) {
  const program = [setup.build.node, join(PEERS, "bare.mjs"), `${port}`, user, `${messages}`];
  const sample = await measure(program, {
    env: uri === "" ? { BENCH_SQLITE: file } : { BENCH_DATABASE: uri },
  });
  if (Number(sample.output) !== messages) throw new Error(`only ${sample.output.trim()} of ${messages} came`);
  return sample;
}

/** mpop into an mbox file, which is faster than its Maildir. @param {Bench} bench @returns {Fetcher} */
export function mpop(bench) {
  return async ({ port, user }, _limit, known) =>
    inFolder(bench, async (folder) => {
      const uidls = join(folder, "uidls");
      // Its own format: number of unique-ids, host and user, the unique-ids in ascending order.
      const mbox = join(folder, "mbox");
      if (known !== "-") {
        const ids = lines(known).sort();
        writeFileSync(uidls, ["# unique-ids", ` ${ids.length} 127.0.0.1 ${user}`, ...ids, ""].join("\n"));
      }
      const account = [
        ...["account default", "host 127.0.0.1", `port ${port}`, "tls off", "auth user", `user ${user}`],
        ...["password secret", "keep on", `delivery mbox ${mbox}`, `uidls_file ${uidls}`, ""],
      ];
      const file = join(folder, "mpoprc");
      writeFileSync(file, account.join("\n"), { mode: 0o600 });
      const sample = await measure(["mpop", "--quiet", `--file=${file}`], {
        env: { HOME: folder, TMPDIR: folder },
      });
      expectDelivered(mbox, known);
      return sample;
    });
}

/** fetchmail into one file (BSMTP), its fastest way. @param {Bench} bench @returns {Fetcher} */
export function fetchmail(bench) {
  return async ({ port, user }, limit, known) =>
    inFolder(bench, async (folder) => {
      const ids = join(folder, "ids");
      const batch = join(folder, "batch");
      if (known !== "-") writeFileSync(ids, lines(known).map(idLine(user)).join(""), { mode: 0o600 });
      const server = `poll 127.0.0.1 protocol pop3 port ${port} no dns auth password`;
      const options = `username "${user}" password "secret" sslproto "" keep fetchlimit ${limit}`;
      const file = join(folder, "fetchmailrc");
      writeFileSync(file, `${server} ${options} bsmtp "${batch}"\n`, { mode: 0o600 });
      const files = ["--idfile", ids, "--pidfile", join(folder, "pid"), "--fetchmailrc", file];
      const sample = await measure(["fetchmail", "--silent", "--nosyslog", "--nodetach", ...files], {
        env: { HOME: folder, FETCHMAILHOME: folder, LC_ALL: "C" },
        // 1: no mail; 13: ended by its limit.
        exitCodes: [0, 1, 13],
      });
      expectDelivered(batch, known);
      return sample;
    });
}

/** @param {string} user */
function idLine(user) {
  return (/** @type {string} */ id) => `${user}@127.0.0.1 ${id}\n`;
}

/**
 * @param {string} file where mail was delivered to @param {string} known
 * @throws {Error} if nothing came although nothing was known, or the other way round
 */
function expectDelivered(file, known) {
  const delivered = existsSync(file) && statSync(file).size > 0;
  if (delivered !== (known === "-"))
    throw new Error(delivered ? "fetched what was known" : "fetched nothing");
}

/** @param {string} file */
function lines(file) {
  return readFileSync(file, "utf8").split("\n").filter(Boolean);
}

/**
 * @template T
 * @param {Bench} bench @param {(folder: string) => Promise<T>} work
 * @returns {Promise<T>}
 */
async function inFolder(bench, work) {
  const folder = mkdtempSync(join(bench.folder, "peer-"));
  try {
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
