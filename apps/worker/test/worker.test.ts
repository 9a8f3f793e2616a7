import { join } from "node:path";
import { type Pop3Server, simpleMail, startPop3Server, temporaryFolder } from "@mailonce/testkit";
import { describe, expect, test } from "vitest";
import { startWorker } from "./worker-process.ts";

function mail(subject: string): Uint8Array {
  const people = { from: "Ann <ann@example.org>", to: "Ben <ben@example.org>" };
  return simpleMail({ ...people, subject, date: new Date("2026-11-02T10:00:00Z"), body: "Hello." });
}

function urlOf(server: Pop3Server): string {
  return `pop3://${server.user}@127.0.0.1:${server.port}?tls=none`;
}

/** A worker in a process of its own. */
function start(env: Readonly<Record<string, string>>) {
  return startWorker({ MAILONCE_INTERVAL: "1", ...env });
}

describe("the worker", () => {
  test("fetches every account, again and again, and ends cleanly on SIGTERM", async () => {
    await using folder = await temporaryFolder();
    await using one = await startPop3Server({ user: "ann" });
    await using two = await startPop3Server({ user: "ben" });
    one.maildrop.deliverAll([mail("one"), mail("two")]);
    two.maildrop.deliverAll([mail("three")]);
    const worker = start({
      MAILONCE_ACCOUNTS: `${urlOf(one)} ${urlOf(two)}`,
      MAILONCE_DATABASE: `sqlite:${join(folder.path, "mail.sqlite")}`,
    });
    await worker.line(/^ann@.*: 2 stored, 0 known$/);
    await worker.line(/^ben@.*: 1 stored, 0 known$/);
    one.maildrop.deliver(mail("four"));
    await worker.line(/^ann@.*: 1 stored, 2 known$/);
    worker.child.kill("SIGTERM");
    expect(await worker.end()).toBe(0);
    expect(worker.lines.at(-1)).toBe("ended");
    expect(one.count("RETR")).toBe(3);
    expect(one.maildrop.messages).toHaveLength(3);
  });

  test("tells of a database file that it makes, once, and makes none in a folder that is missing", async () => {
    await using folder = await temporaryFolder();
    await using server = await startPop3Server({ user: "ann" });
    const database = (...path: readonly string[]) => ({
      MAILONCE_ACCOUNTS: urlOf(server),
      MAILONCE_DATABASE: `sqlite:${join(folder.path, ...path)}`,
    });
    for (const times of [1, 0]) {
      const worker = start(database("mail.sqlite"));
      await worker.line(/^ann@.*: 0 stored, 0 known$/);
      worker.child.kill("SIGTERM");
      expect(await worker.end()).toBe(0);
      const told = worker.lines.filter((line) => line === `new database ${join(folder.path, "mail.sqlite")}`);
      expect(told).toHaveLength(times);
    }
    const misspelt = start(database("typo", "mail.sqlite"));
    await misspelt.line(new RegExp(`there is no folder ${join(folder.path, "typo")}. Create it`));
    expect(await misspelt.end()).toBe(69);
  });

  test("leaves a maildrop that another process is at, and has it at a later interval", async () => {
    await using folder = await temporaryFolder();
    await using server = await startPop3Server({ user: "ann" });
    server.maildrop.deliver(mail("one"));
    let release = (): void => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    server.faults = [{ at: { verb: "RETR", times: 1 }, do: "hold", until: () => held }];
    const env = {
      MAILONCE_ACCOUNTS: urlOf(server),
      MAILONCE_DATABASE: `sqlite:${join(folder.path, "mail.sqlite")}`,
    };
    const first = start(env);
    await server.waitFor(() => server.count("RETR") > 0);
    const second = start(env);
    await second.line(/^ann@.*: in use, again in 1 s: process \d+ on .* is working/);
    expect(second.lines.join("\n")).not.toContain("error");
    expect(server.sessions).toHaveLength(1);
    release();
    await first.line(/^ann@.*: 1 stored, 0 known$/);
    await second.line(/^ann@.*: 0 stored, 1 known$/);
    for (const worker of [first, second]) worker.child.kill("SIGTERM");
    expect(await first.end()).toBe(0);
    expect(await second.end()).toBe(0);
    expect(server.count("RETR")).toBe(1);
  });

  test("does not try a wrong password a second time, and goes on with the others", async () => {
    await using folder = await temporaryFolder();
    await using wrong = await startPop3Server({ user: "ann", password: "other" });
    await using right = await startPop3Server({ user: "ben" });
    const worker = start({
      MAILONCE_ACCOUNTS: `${urlOf(wrong)} ${urlOf(right)}`,
      MAILONCE_DATABASE: `sqlite:${join(folder.path, "mail.sqlite")}`,
    });
    await worker.line(/^ann@.*: error: paused until its settings change/);
    await right.waitFor(({ sessions }) => sessions.length >= 2);
    worker.child.kill("SIGTERM");
    expect(await worker.end()).toBe(0);
    expect(wrong.sessions).toHaveLength(1);
    expect(worker.lines.join("\n")).not.toContain("secret");
  });

  test.each([
    [{ MAILONCE_ACCOUNTS: "" }, /MAILONCE_ACCOUNTS holds no account/],
    [{ MAILONCE_ACCOUNTS: "imap://ann@example.org" }, /account 1 in MAILONCE_ACCOUNTS/],
    [
      { MAILONCE_ACCOUNTS: "pop3s://ann:geheim@example.org" },
      /account 1 in MAILONCE_ACCOUNTS: a password does not/,
    ],
    [{ MAILONCE_ACCOUNTS: "pop3s://a@h.example pop3s://a@H.example" }, /names a@h.example twice/],
    [
      { MAILONCE_ACCOUNTS: "pop3s://ann@example.org", MAILONCE_PASSWORD: "" },
      /no password for ann@example.org/,
    ],
    [
      { MAILONCE_ACCOUNTS: "pop3s://ann@example.org", MAILONCE_INTERVAL: "soon" },
      /MAILONCE_INTERVAL must be/,
    ],
    [
      { MAILONCE_ACCOUNTS: "pop3s://ann@example.org", MAILONCE_CA: "/nowhere.pem" },
      /MAILONCE_CA: the file cannot be read/,
    ],
  ])("says what is wrong with %j and ends with 78", async (env, message) => {
    const worker = start(env);
    expect(await worker.end()).toBe(78);
    expect(worker.lines).toHaveLength(1);
    expect(worker.lines[0]).toMatch(message);
    expect(worker.lines[0]).not.toContain("geheim");
  });
});
