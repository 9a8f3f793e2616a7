import { execFile } from "node:child_process";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { startPop3Server, temporaryFolder } from "@mailonce/testkit";
import { sharedMariaDb } from "@mailonce/testkit/vitest";
import { expect, test } from "vitest";
import { startWorker } from "./worker-process.ts";

const mailonce = join(import.meta.dirname, "../../cli/bin/mailonce.js");

test.each(["SQLite", "MariaDB"])(
  "a worker holds an account whose mailbox is in another maildrop, into %s, until somebody says what is wanted",
  async (kind) => {
    await using folder = await temporaryFolder();
    await using one = await startPop3Server({ user: "ann" });
    await using two = await startPop3Server({ user: "ann", maildrop: one.maildrop });
    await using three = await startPop3Server({ user: "ann", maildrop: one.maildrop });
    for (const text of ["one", "two!"])
      one.maildrop.deliver(Buffer.from(`Subject: ${text}\r\n\r\n${text}\r\n`));
    const file = join(folder.path, "mailonce.json");
    const database =
      kind === "SQLite"
        ? `sqlite:${join(folder.path, "mail.sqlite")}`
        : (await sharedMariaDb().createDatabase()).mariadbUrl;
    const write = (accounts: Readonly<Record<string, object>>): void => {
      rmSync(file, { force: true });
      const defaults = { password: { env: "MAILONCE_PASSWORD" }, schedule: "1s" };
      writeFileSync(file, JSON.stringify({ database, defaults, accounts }), { mode: 0o600 });
    };
    const run = async (...parameters: readonly string[]): Promise<string> => {
      const env = { PATH: process.env["PATH"], HOME: folder.path, MAILONCE_CONFIG: file };
      return (await promisify(execFile)(process.execPath, [mailonce, ...parameters], { env })).stdout;
    };
    const url = ({ port }: { readonly port: number }, host = "127.0.0.1"): string =>
      `pop3://ann@${host}:${port}?tls=none`;
    const a = { url: url(one) };
    const b = { url: url(two) };
    const c = { url: url(three, "localhost") };
    write({ a });
    {
      await using first = startWorker({}, ["--config", file]);
      await first.line(/^a: 2 stored/);
    }

    write({ a, b, c });
    await using worker = startWorker({}, ["--config", file]);
    for (const name of ["b", "c"])
      expect(await worker.line(new RegExp(`^${name}: error: paused`))).toContain(
        `mailonce maildrop rename a ${name}`,
      );
    expect(await run("accounts", "list")).toMatch(
      /b {2}ann at .*\n {2}paused: the database has this mailbox as a/,
    );
    const sessions = two.sessions.length + three.sessions.length;
    await one.waitFor((server) => server.sessions.length > 6);
    // Held: neither is logged in to again, nor is it told again.
    expect(two.sessions.length + three.sessions.length).toBe(sessions);
    expect(worker.lines.filter((line) => /^[bc]: error/.test(line))).toHaveLength(2);

    write({ a, b: { ...b, apart: true }, c });
    await worker.line(/^b: 2 stored/);
    write({ b: { ...b, apart: true }, c });
    expect(await run("maildrop", "rename", "a", "c")).toContain("nothing of it is downloaded again");
    await worker.line(/^c: 0 stored, 2 known/);
    expect(three.count("RETR")).toBe(0);
  },
);
