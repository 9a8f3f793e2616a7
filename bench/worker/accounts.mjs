import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { simpleMail, startDovecot, startMariaDb } from "@mailonce/testkit";
import { root } from "../../scripts/setup.mjs";

/** Sessions at the same time, for the worker and for the raw exchange. */
const AT_ONCE = 20;

/**
 * @param {number} count
 * @param {number} repeats
 */
export async function benchAccounts(count, repeats) {
  const users = Array.from({ length: count }, (_, n) => `user${n}`);
  const dovecot = await startDovecot({
    users,
    settings:
      "protocol pop3 {\n  mail_max_userip_connections = 50\n}\nservice pop3-login {\n  client_limit = 1000\n  process_limit = 100\n}\nservice pop3 {\n  process_limit = 500\n}\n",
  });
  const mariaDb = await startMariaDb();
  const people = { from: "ann@example.org", to: "ben@example.org", date: new Date(0) };
  for (const user of users)
    await dovecot.deliver(user, [
      simpleMail({ ...people, subject: `for ${user}`, body: "Hello.\r\n".repeat(400) }),
    ]);
  const folder = mkdtempSync(join(tmpdir(), "mailonce-bench-worker-"));
  /** @type {Record<"raw" | "SQLite" | "MariaDB", { ms: number, cpu: number, rss: number }[]>} */
  const results = { raw: [], SQLite: [], MariaDB: [] };
  try {
    // Warm: Dovecot's processes, its indexes, the file system.
    await raw(dovecot.pop3Port, users);
    for (let n = 0; n < repeats; n++) {
      results.raw.push({ ms: await raw(dovecot.pop3Port, users), cpu: 0, rss: 0 });
      results.SQLite.push(
        await worker(dovecot.pop3Port, users, `sqlite:${join(folder, `${n}.sqlite`)}`, folder),
      );
      const { mariadbUrl } = await mariaDb.createDatabase();
      results.MariaDB.push(await worker(dovecot.pop3Port, users, mariadbUrl, folder));
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
    await mariaDb.stop();
    await dovecot.stop();
  }
  const limit = median(results.raw.map(({ ms }) => ms));
  console.log(
    `${count} accounts, one new message each, ${AT_ONCE} sessions at a time, median of ${repeats}:`,
  );
  console.log(`  raw      ${limit.toFixed(0)} ms`);
  for (const name of /** @type {const} */ (["SQLite", "MariaDB"])) {
    const ms = median(results[name].map((one) => one.ms));
    const cpu = median(results[name].map((one) => one.cpu));
    const rss = median(results[name].map((one) => one.rss));
    console.log(
      `  ${name.padEnd(8)} ${ms.toFixed(0)} ms, ${(ms / limit).toFixed(2)} x raw (target 1.5); ${cpu.toFixed(0)} ms of CPU, ${rss.toFixed(0)} MiB`,
    );
  }
}

/**
 * From the worker's line "started" to the line of the last account.
 * @param {number} port
 * @param {readonly string[]} users
 * @param {string} database
 * @param {string} folder
 */
async function worker(port, users, database, folder) {
  const file = join(folder, "mailonce.json");
  const accounts = Object.fromEntries(
    users.map((user) => [user, { url: `pop3://${user}@127.0.0.1:${port}?tls=none` }]),
  );
  const defaults = { schedule: "1h", password: { env: "MAILONCE_PASSWORD" } };
  const more = { database, concurrency: AT_ONCE, worker: { perHost: AT_ONCE } };
  writeFileSync(file, JSON.stringify({ ...more, defaults, accounts }), { mode: 0o600 });
  const child = spawn(
    process.execPath,
    [join(root, "apps/worker/bin/mailonce-worker.js"), "--config", file],
    {
      stdio: ["ignore", "pipe", "inherit"],
      env: { ...process.env, MAILONCE_PASSWORD: "secret", MAILONCE_LOG_FORMAT: "json" },
    },
  );
  let began = 0;
  let cpuBefore = 0;
  let done = 0;
  for await (const line of createInterface({ input: child.stdout })) {
    const { msg, counts, time } = JSON.parse(line);
    if (msg.startsWith("started")) {
      began = Date.parse(time);
      cpuBefore = cpuOf(child.pid ?? 0);
    }
    if (counts?.stored === 1) done++;
    if (counts !== undefined && counts.stored !== 1) throw new Error(line);
    if (done < users.length) continue;
    const ms = Date.parse(time) - began;
    const pages = Number(readFileSync(`/proc/${child.pid}/statm`, "utf8").split(" ")[1]);
    const result = { ms, cpu: cpuOf(child.pid ?? 0) - cpuBefore, rss: (pages * 4096) / 2 ** 20 };
    child.kill("SIGTERM");
    await once(child, "exit");
    return result;
  }
  throw new Error("the worker ended early");
}

/**
 * The same exchange with nothing behind it.
 * @param {number} port
 * @param {readonly string[]} users
 */
async function raw(port, users) {
  const began = performance.now();
  const left = users.values();
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      for (const user of left) await rawSession(port, user);
    }),
  );
  return performance.now() - began;
}

/**
 * @param {number} port
 * @param {string} user
 */
async function rawSession(port, user) {
  const socket = connect({ port, host: "127.0.0.1", noDelay: true });
  let text = "";
  let changed = () => {};
  socket.setEncoding("latin1").on("data", (chunk) => {
    text += chunk;
    changed();
  });
  /** @param {RegExp} end */
  const until = async (end) => {
    while (!end.test(text))
      await new Promise((resolve) => {
        changed = () => resolve(undefined);
      });
    text = "";
  };
  await until(/\r\n$/);
  const commands = ["CAPA", `USER ${user}`, "PASS secret", "CAPA", "STAT\r\nUIDL\r\nLIST", "RETR 1", "QUIT"];
  for (const command of commands) {
    socket.write(`${command}\r\n`);
    if (command.startsWith("STAT")) await until(/^\+OK[^\r]*\r\n\+OK[\s\S]*\r\n\.\r\n\+OK[\s\S]*\r\n\.\r\n$/);
    else await until(/^(?:CAPA|RETR)/.test(command) ? /\r\n\.\r\n$/ : /\r\n$/);
  }
  socket.destroy();
}

/** @param {number} pid ms of CPU time so far */
function cpuOf(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8")
    .replace(/^.*\) /, "")
    .split(" ");
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

/** @param {readonly number[]} values */
function median(values) {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}
