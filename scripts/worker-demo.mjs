// npm run worker:demo: see USAGE.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as delay } from "node:timers/promises";
import { readOptions, wholeNumber } from "./options.mjs";
import { build, installPackages, root } from "./setup.mjs";

const USAGE = `npm run worker:demo [-- SECONDS]

A worker with everything embedded, fetching from a sample server that receives mail now and then. Runs, new mail, the
hook and the metrics are shown as they happen. Ctrl+C ends it.

  SECONDS  it ends by itself after so many (60)`;

const { positionals } = readOptions(USAGE, {}, 1);
const seconds = wholeNumber(USAGE, "SECONDS", positionals[0] ?? "60", 1);
const stop = new AbortController();
process.on("SIGINT", () => stop.abort());

try {
  await demo();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

async function demo() {
  console.log("Installing and building (the first time takes a moment) …");
  installPackages();
  build();
  // Only there once it is built.
  const { sampleMail, startPop3Server, startSampleServer } = await import("@mailonce/testkit");
  const { server, deliverNext } = await startSampleServer();
  const second = await startPop3Server({ user: "bob" });
  const folder = mkdtempSync(join(tmpdir(), "mailonce-worker-demo-"));
  const more = sampleMail(200, 7, { largeAttachment: 0 })[Symbol.iterator]();
  const worker = start(configure(folder, server.port, second.port));
  try {
    const address = await worker.address;
    say(`Two accounts, every 2 seconds, into SQLite. While it runs: ${address}/healthz, /readyz, /metrics.`);
    const end = Date.now() + seconds * 1000;
    for (let n = 1; Date.now() < end && !stop.signal.aborted; n++) {
      await delay(3000, undefined, { signal: stop.signal }).catch(() => {});
      if (n % 2 === 1 && !deliverNext())
        second.maildrop.deliver(more.next().value ?? Buffer.from("Subject: hi\r\n\r\n"));
      if (n % 2 === 0) second.maildrop.deliver(more.next().value ?? Buffer.from("Subject: hi\r\n\r\n"));
      if (n % 3 === 0) await showMetrics(address);
    }
    await showMetrics(address);
    say("SIGTERM: it ends in order.");
  } finally {
    worker.child.kill("SIGTERM");
    await worker.ended;
    await server.close();
    await second.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * An accounts file with a hook: a program that is given each new message.
 * @param {string} folder
 * @param {number} first
 * @param {number} second
 */
function configure(folder, first, second) {
  const hook = join(folder, "new-mail.mjs");
  writeFileSync(
    hook,
    `import { readFileSync, appendFileSync } from "node:fs";
const subject = /^Subject: (.*)$/im.exec(readFileSync(0, "latin1"))?.[1] ?? "";
appendFileSync(${JSON.stringify(join(folder, "told"))}, process.env.MAILONCE_MAILDROP + ": " + subject + "\\n");
`,
  );
  chmodSync(hook, 0o700);
  const file = join(folder, "mailonce.json");
  const configuration = {
    database: `sqlite:${join(folder, "mail.sqlite")}`,
    worker: { listen: "127.0.0.1:0" },
    defaults: {
      schedule: "2s",
      password: { env: "MAILONCE_PASSWORD" },
      hooks: { program: { exec: [process.execPath, hook] } },
    },
    accounts: {
      alice: { url: `pop3://alice@127.0.0.1:${first}?tls=none` },
      bob: { url: `pop3://bob@127.0.0.1:${second}?tls=none` },
    },
  };
  writeFileSync(file, JSON.stringify(configuration, null, 2), { mode: 0o600 });
  return file;
}

/**
 * @param {string} file
 */
function start(file) {
  const program = join(root, "node_modules", ".bin", "mailonce-worker");
  const child = spawn(program, ["--config", file], {
    stdio: ["ignore", "pipe", "inherit"],
    env: {
      ...process.env,
      MAILONCE_PASSWORD: "secret",
      MAILONCE_LOG_FORMAT: "text",
      MAILONCE_LOG_LEVEL: "debug",
    },
    // Ctrl+C is for this program: it ends the worker in order.
    detached: true,
  });
  const ended = once(child, "exit");
  const address = new Promise((resolve, reject) => {
    createInterface({ input: child.stdout }).on("line", (line) => {
      console.log(line);
      const found = /listening on (\S+)/.exec(line);
      if (found !== null) resolve(found[1]);
    });
    void ended.then(([code]) => reject(new Error(`the worker ended with ${code}`)));
  });
  return { child, ended, address };
}

/** @param {string} address */
async function showMetrics(address) {
  const text = await (await fetch(`${address}/metrics`)).text();
  const shown =
    /^mailonce_(?:runs_total|messages_total|logins_total|deliveries_total|outbox|accounts|stored_octets_total)\b.*/gm;
  console.log(`\n${[...text.matchAll(shown)].map(([line]) => `  ${line}`).join("\n")}\n`);
}

/** @param {string} text */
function say(text) {
  console.log(`\n${text}\n`);
}
