// One worker with many accounts at an interval, mail that is delivered at known times, and when it is there.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { environment } from "../lib/mailonce.mjs";
import { cpuSecondsOf, peakOctetsOf } from "../lib/process.mjs";

/** What the worker adds to an interval at random is always half of the most: then the due times are known. */
const HALF = "data:text/javascript,Math.random=()=>0.5";
const JITTER = 0.05;

/** One message: when it was delivered, its account due, its row committed, its hook told; ms since 1970.
 * @typedef {{ readonly delivered: number, readonly due: number, readonly stored: number, readonly told: number }} Passage
 */

/**
 * @param {import("../lib/bench.mjs").Bench} bench
 * @param {import("../lib/databases.mjs").Database} database
 * @param {{ readonly port: number, readonly clockFile: string, readonly accounts: number, readonly intervalMs: number }} wish
 *   `port` and `clockFile` of a timed native/maildrop.c
 */
export async function measurePassages(bench, database, { port, clockFile, accounts, intervalMs }) {
  const folder = mkdtempSync(join(bench.folder, "latency-"));
  rmSync(clockFile, { force: true });
  const told = new Map();
  const hook = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    told.set(JSON.parse(body).data.maildrop, Date.now());
    response.end();
  });
  await once(hook.listen(0, "127.0.0.1"), "listening");
  const { port: hookPort } = /** @type {import("node:net").AddressInfo} */ (hook.address());
  // Spread over half an interval, in an order that has nothing to do with the accounts' turns.
  const after = (/** @type {number} */ n) =>
    Math.floor((((n * 7919) % accounts) / accounts) * (intervalMs / 2));
  const numbers = Array.from({ length: accounts }, (_, index) => index + 1);
  const file = join(folder, "mailonce.json");
  const configuration = {
    concurrency: 20,
    worker: { perHost: 20 },
    defaults: {
      schedule: `${intervalMs / 1000}s`,
      password: { env: "MAILONCE_PASSWORD" },
      hooks: { told: { webhook: `http://127.0.0.1:${hookPort}/` } },
    },
    accounts: Object.fromEntries(
      numbers.map((n) => [`a${n}`, { url: `pop3://timed-${n}-${after(n)}@127.0.0.1:${port}?tls=none` }]),
    ),
  };
  writeFileSync(file, JSON.stringify(configuration), { mode: 0o600 });
  try {
    const first = startWorker(bench, database, file);
    const begun = new Set();
    for await (const { maildrop, counts } of first.lines)
      if (counts) begun.add(maildrop) && begun.size === accounts && (await first.end());
    await spreadLastRuns(database, accounts, intervalMs);
    /** When each account is due next. */
    const due = new Map(
      (await lastRuns(database)).map(([name, time]) => [name, time + intervalMs * (1 + JITTER)]),
    );
    const start = Date.now() + 3000;
    writeFileSync(clockFile, `${start}`);
    const worker = startWorker(bench, database, file);
    /** @type {Map<string, { readonly due: number, readonly stored: number }>} */
    const stored = new Map();
    for await (const { maildrop, counts, time } of worker.lines) {
      if (counts === undefined) continue;
      const ended = Date.parse(time);
      if (counts.stored === 1) stored.set(maildrop, { due: due.get(maildrop) ?? Number.NaN, stored: ended });
      due.set(maildrop, ended + intervalMs * (1 + JITTER));
      if (stored.size < accounts) continue;
      while (told.size < accounts)
        await once(hook, "request").then(() => new Promise((resolve) => setTimeout(resolve, 50)));
      break;
    }
    const { cpuSeconds, peakOctets } = worker.usage();
    await worker.end();
    const passages = numbers.map((n) => ({
      delivered: start + after(n),
      told: told.get(`a${n}`),
      ...stored.get(`a${n}`),
    }));
    return { passages: /** @type {readonly Passage[]} */ (passages), cpuSeconds, peakOctets };
  } finally {
    hook.close();
    rmSync(folder, { recursive: true });
  }
}

/** @param {import("../lib/bench.mjs").Bench} bench @param {import("../lib/databases.mjs").Database} database @param {string} file */
function startWorker(bench, database, file) {
  const { node, root } = database.setup.build;
  const program = join(root, "apps", "worker", "bin", "mailonce-worker.js");
  const child = spawn(node, ["--import", HALF, program, "--config", file], {
    stdio: ["ignore", "pipe", "inherit"],
    env: {
      ...environment(bench, database),
      MAILONCE_DATABASE: database.option[1] ?? "",
      MAILONCE_LOG_FORMAT: "json",
      // The end of every run, of those that find nothing too.
      MAILONCE_LOG_LEVEL: "debug",
    },
  });
  const exit = once(child, "exit");
  const pid = child.pid ?? 0;
  return {
    lines: parsed(createInterface({ input: child.stdout })),
    usage: () => ({ cpuSeconds: cpuSecondsOf(pid), peakOctets: peakOctetsOf(pid) }),
    async end() {
      child.kill("SIGTERM");
      await exit;
    },
  };
}

/** @param {AsyncIterable<string>} lines */
async function* parsed(lines) {
  for await (const line of lines) yield JSON.parse(line);
}

/**
 * As if the worker had run for long: the accounts' last runs are spread over an interval.
 * @param {import("../lib/databases.mjs").Database} database @param {number} accounts @param {number} intervalMs
 */
async function spreadLastRuns(database, accounts, intervalMs) {
  const ago = `(maildrop_id % ${accounts}) * ${intervalMs / accounts}`;
  const time = {
    MariaDB: `UTC_TIMESTAMP(3) - INTERVAL ROUND(${ago} * 1000) MICROSECOND`,
    SQLite: `strftime('%Y-%m-%d %H:%M:%f', 'now', '-' || (${ago} / 1000.0) || ' seconds')`,
  };
  await database.query(`UPDATE mailonce_standing SET last_run_at = ${time[database.setup.kind]}`);
}

/** @param {import("../lib/databases.mjs").Database} database @returns {Promise<readonly [string, number][]>} */
async function lastRuns(database) {
  const ms = {
    MariaDB: "TIMESTAMPDIFF(MICROSECOND, '1970-01-01', mailonce_standing.last_run_at) / 1000",
    SQLite: "ROUND((julianday(mailonce_standing.last_run_at) - 2440587.5) * 86400000)",
  };
  const rows = await database.query(
    `SELECT name, ${ms[database.setup.kind]} AS ms FROM mailonce_standing JOIN mailonce_maildrop ON id = maildrop_id`,
  );
  return rows.map(({ name, ms }) => [String(name), Number(ms)]);
}
