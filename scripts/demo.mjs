// npm run demo: a sample POP3 server on loopback, fetched into SQLite, twice.
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build, installPackages, root } from "./setup.mjs";

const mailonce = join(root, "node_modules", ".bin", "mailonce");

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
  const { startSampleServer } = await import("@mailonce/testkit");
  const { server, deliverNext } = await startSampleServer();
  const folder = mkdtempSync(join(tmpdir(), "mailonce-demo-"));
  try {
    const url = `pop3://alice@127.0.0.1:${server.port}?tls=none`;
    const database = ["--database", `sqlite:${join(folder, "mail.sqlite")}`];
    say(
      `A sample POP3 server runs at 127.0.0.1:${server.port}. What is new on it? Nothing is downloaded but headers.`,
    );
    await run(["check", ...database, url]);
    say("Fetch it into the database:");
    await run(["fetch", ...database, url]);
    say("Three more messages are delivered. Fetch again: what is stored is not downloaded again.");
    while (deliverNext());
    await run(["fetch", ...database, url]);
    say("What the database holds now:");
    await run(["list", ...database]);
    say(`Everything is still on the server: it holds ${server.maildrop.messages.length} messages.

Now your own mail (it asks for your password; nothing is deleted on the server):

  node_modules/.bin/mailonce check pop3s://USER@pop.example.org
  node_modules/.bin/mailonce fetch pop3s://USER@pop.example.org
  node_modules/.bin/mailonce list`);
  } finally {
    await server.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** @param {string} text */
function say(text) {
  console.log(`\n${text}`);
}

/**
 * Shows the command as one would type it, and runs it.
 * @param {readonly string[]} parameters
 * @returns {Promise<void>}
 */
function run(parameters) {
  console.log(`\n$ mailonce ${parameters.join(" ")}`);
  return new Promise((resolve, reject) => {
    const child = spawn(mailonce, parameters, {
      stdio: ["ignore", "inherit", "inherit"],
      env: { ...process.env, MAILONCE_PASSWORD: "secret" },
    });
    child.once("error", reject);
    child.once("exit", (code) => (code === 0 ? resolve() : reject(new Error(`mailonce ended with ${code}`))));
  });
}
