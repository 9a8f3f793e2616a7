// A server that answers in small pieces and does not offer PIPELINING, as popa3d and solid-pop3d do.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { compare } from "../lib/compare.mjs";
import { nodeLoop } from "../lib/contenders.mjs";
import { createDatabase } from "../lib/databases.mjs";
import { environment, mailonce, storedMail } from "../lib/mailonce.mjs";
import { measure } from "../lib/measure.mjs";
import { ratioTarget, resultOf } from "../lib/targets.mjs";

const EVERYTHING = 1_000_000_000;
const LOOP = "node-pop3, nowhere";

/** @typedef {import("../lib/bench.mjs").Bench} Bench */
/** @typedef {import("../lib/setups.mjs").Setup} Setup */

/** @type {import("./row.mjs").Row} */
export const slowServers = {
  name: "slow-servers",
  title: "First fetch of 200 messages from a server that answers in small pieces",
  async measure(bench) {
    const count = bench.size(200, 20);
    const place = { port: await bench.listings("pieces"), user: `plain-${count}` };
    const results = await compare(bench, [
      { name: LOOP, run: () => nodeLoop("node-pop3")(place, EVERYTHING, "-") },
      ...bench.setups.flatMap((setup) =>
        [false, true].map((pipelining) => ({
          name: fetchOn(setup, pipelining),
          build: setup.build,
          run: () => fetchAll(bench, setup, place, count, pipelining),
        })),
      ),
    ]);
    const to = resultOf(results, LOOP).seconds;
    return {
      note: `${count} messages of 4 KB, no PIPELINING; a reply is written as status line, content and last line, and the server's kernel holds back the second until ours has acknowledged the first, 40 ms later; with \`pipelining: true\` in the accounts file commands are sent all the same, which these servers take`,
      results,
      reference: LOOP,
      targets: bench.setups.flatMap((setup) => {
        const work = `${count} messages in small pieces, ${setup.name}`;
        const of = (/** @type {boolean} */ pipelining) =>
          resultOf(results, fetchOn(setup, pipelining)).seconds;
        return [
          ratioTarget(`${work}, one at a time`, { of: of(false), to, most: 1.2, against: LOOP }),
          ratioTarget(`${work}, pipelining: true`, { of: of(true), to, most: 0.2, against: LOOP }),
        ];
      }),
    };
  },
};

/** @param {Setup} setup @param {boolean} pipelining */
const fetchOn = ({ name }, pipelining) =>
  `Mailonce, ${name}, ${pipelining ? "pipelining: true" : "one at a time"}`;

/**
 * @param {Bench} bench @param {Setup} setup @param {import("../lib/contenders.mjs").Place} place
 * @param {number} count @param {boolean} pipelining
 */
async function fetchAll(bench, setup, { port, user }, count, pipelining) {
  const folder = mkdtempSync(join(bench.folder, "slow-"));
  const database = await createDatabase(bench, setup);
  try {
    const file = join(folder, "mailonce.json");
    const account = {
      url: `pop3://${user}@127.0.0.1:${port}?tls=none`,
      password: { env: "MAILONCE_PASSWORD" },
      ...(pipelining ? { pipelining } : {}),
    };
    writeFileSync(file, JSON.stringify({ accounts: { slow: account } }), { mode: 0o600 });
    const command = [...mailonce(setup.build), "fetch", ...database.option, "--config", file];
    const sample = await measure(command, { env: environment(bench, database) });
    const { messages } = await storedMail(database);
    if (messages !== count) throw new Error(`${messages} messages are stored, not ${count}`);
    return sample;
  } finally {
    await database.drop();
    rmSync(folder, { recursive: true });
  }
}
