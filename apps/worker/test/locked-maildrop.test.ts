import { execFile } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { startPop3Server, temporaryFolder } from "@mailonce/testkit";
import { expect, test } from "vitest";
import { startWorker } from "./worker-process.ts";

const mailonce = join(import.meta.dirname, "../../cli/bin/mailonce.js");

test("a worker takes a maildrop for busy that is locked without a response code, and has it when somebody resumes it", async () => {
  await using folder = await temporaryFolder();
  await using server = await startPop3Server({ user: "ann" });
  server.maildrop.deliver(Buffer.from("Subject: one\r\n\r\none\r\n"));
  const file = join(folder.path, "mailonce.json");
  const database = `sqlite:${join(folder.path, "mail.sqlite")}`;
  const url = `pop3://ann@127.0.0.1:${server.port}?tls=none`;
  const password = { env: "MAILONCE_PASSWORD" };
  const work = { url, password, schedule: "1s" };
  writeFileSync(file, JSON.stringify({ database, accounts: { work } }), { mode: 0o600 });
  const run = async (...parameters: readonly string[]): Promise<string> => {
    const env = { PATH: process.env["PATH"], HOME: folder.path, MAILONCE_CONFIG: file };
    return (await promisify(execFile)(process.execPath, [mailonce, ...parameters], { env })).stdout;
  };
  {
    await using worker = startWorker({}, ["--config", file]);
    await worker.line(/^work: 1 stored/);
    server.maildrop.behaviour.refusals = { PASS: "-ERR Your mailbox is already locked" };
    const line = await worker.line(/^work: warn: 127\.0\.0\.1 refuses a login that worked before/);
    expect(line).toMatch(/another program may be using the maildrop, or the password was changed/);
    expect(line).toMatch(/again in (5|6) min$/);
  }
  expect(await run("accounts", "list")).toMatch(/login refused once, tried again from/);
  expect(await run("accounts", "resume", "work")).toContain("work was not paused");
  delete server.maildrop.behaviour.refusals;
  server.maildrop.deliver(Buffer.from("Subject: two\r\n\r\ntwo\r\n"));
  await using worker = startWorker({}, ["--config", file]);
  await worker.line(/^work: 1 stored, 1 known/);
});
