import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Dovecot, sampleMail, startDovecot, startMariaDb, startPop3Server } from "@mailonce/testkit";
import { afterAll, beforeAll, expect, it } from "vitest";
import { build, type Ended, User } from "./mailonce.ts";
import { OAuth2User, startOAuth2Servers } from "./oauth2-world.ts";
import { TerminalSession } from "./terminal-session.ts";

beforeAll(build, 180_000);

let dovecot: Dovecot;
beforeAll(async () => {
  dovecot = await startDovecot();
  await dovecot.deliver("alice", sampleMail(40));
});
afterAll(() => dovecot.stop());

const findings = (ended: Ended, topic: string): readonly Record<string, unknown>[] =>
  ended.json.filter((line) => line["type"] === "finding" && line["topic"] === topic);

it.each(["SQLite", "MariaDB"] as const)(
  "finds Dovecot and %s in good health, before and after a fetch",
  async (kind) => {
    await using mariadb = kind === "MariaDB" ? await startMariaDb() : undefined;
    const database = await mariadb?.createDatabase();
    await using user = new User();
    const env = { MAILONCE_DATABASE: database?.mariadbUrl };
    const url = `pop3s://alice@localhost:${dovecot.pop3sPort}`;
    const doctor = (...more: string[]): Promise<Ended> =>
      user.run(["doctor", "--ca", dovecot.caFile, ...more, url], { env });

    const before = await doctor("--json");
    expect(before).toMatchObject({ code: 0, stderr: "" });
    expect(before.json.at(-1)).toMatchObject({ type: "summary", verdict: "ok", exitCode: 0, error: null });
    expect(before.json.at(-2)).toMatchObject({ type: "facts", facts: { fetch: { counts: { new: 40 } } } });
    expect(findings(before, "database")[0]?.["message"]).toContain("no database yet");

    expect(await user.run(["fetch", "--ca", dovecot.caFile, url], { env })).toMatchObject({ code: 0 });
    const after = await doctor();
    expect(after).toMatchObject({ code: 0, stderr: "" });
    expect(after.stdout).toMatch(/ok {4}fetch +a fetch would find 0 new, 40 known\n/);
    expect(after.stdout).toMatch(/ok {4}certificate .*Mailonce test CA.*days left/);
    expect(after.stdout).toMatch(/ok {4}database .* is reached and up to date/);
    expect(after.stdout.trimEnd().split("\n").at(-1)).toBe(
      `alice@localhost:${dovecot.pop3sPort}: all is well.`,
    );
    expect(after.stdout + before.stdout).not.toMatch(/secret/);
  },
);

it("says what is wrong, what to do, and ends as a fetch would", async () => {
  await using user = new User();
  const url = `pop3s://alice@localhost:${dovecot.pop3sPort}`;
  const untrusted = await user.run(["doctor", url]);
  expect(untrusted.code).toBe(77);
  expect(untrusted.stdout).toMatch(/BAD +certificate .*\n +-> .*--ca FILE/);
  const wrong = await user.run(["doctor", "--json", "--ca", dovecot.caFile, url], {
    env: { MAILONCE_PASSWORD: "hunter2" },
  });
  expect(wrong.code).toBe(77);
  expect(wrong.json.at(-1)).toMatchObject({ verdict: "bad", exitCode: 77, error: { code: "login-refused" } });
  expect(wrong.stdout).not.toContain("hunter2");
  const without = await user.run(["doctor", "--ca", dovecot.caFile, url], {
    env: { MAILONCE_PASSWORD: undefined },
  });
  expect(without.code).toBe(78);
  expect(without.stdout).toMatch(/BAD +login .*no password/);
  const quiet = await user.run(["doctor", "--quiet", url]);
  expect(quiet).toMatchObject({ code: 77, stdout: "" });
  expect(quiet.stderr).toMatch(/^mailonce: alice@localhost:\d+: the certificate/);
  const there = await user.run(["doctor", "--quiet", "--ca", dovecot.caFile, url]);
  expect(there).toMatchObject({ code: 0, stdout: "", stderr: "" });
  const database = await user.run([
    "doctor",
    "--database",
    "mariadb://mail:hunter2@127.0.0.1:1/mail",
    "--ca",
    dovecot.caFile,
    url,
  ]);
  expect(database.code).toBe(69);
  expect(database.stdout).toMatch(/BAD +database /);
  expect(database.stdout + database.stderr).not.toContain("hunter2");
});

it("examines the accounts of a file, one after the other", async () => {
  await using shared = await startPop3Server({ maildrop: { uniqueIdOf: () => "the-same" } });
  shared.maildrop.deliverAll(sampleMail(3));
  await using user = new User();
  writeFileSync(
    join(user.home, "mailonce.yaml"),
    [
      "accounts:",
      "  home:",
      `    url: pop3s://alice@localhost:${dovecot.pop3sPort}`,
      `    ca: ${dovecot.caFile}`,
      "  work:",
      `    url: pop3://alice@127.0.0.1:${shared.port}?tls=none`,
      "    profile: ovh",
      "",
    ].join("\n"),
  );
  const all = await user.run(["doctor", "--no-retrieve"]);
  expect(all).toMatchObject({ code: 0, stderr: "" });
  expect(all.stdout).toMatch(
    /^home\n[\s\S]*home: all is well\.\nwork\n[\s\S]*work: a fetch works; \d things? to look at\.\n$/,
  );
  expect(all.stdout).toMatch(/LOOK +unique-ids +\d messages share/);
  expect(all.stdout).toMatch(/ok +login-pause +OVH/);
  expect(shared.count("RETR") + shared.count("QUIT")).toBe(0);
  const one = await user.run(["doctor", "--json", "work"]);
  expect(one.json.at(-1)).toMatchObject({ type: "summary", maildrop: "work", verdict: "look" });
  expect(await user.run(["doctor", "wrok"])).toMatchObject({
    code: 2,
    stderr: expect.stringContaining("work"),
  });
  expect(readFileSync(join(user.home, "mailonce.yaml"), "utf8")).toContain("accounts");
});

it("fits its report to the terminal, and asks for the password when it comes to that", async () => {
  await using user = new User();
  const url = `pop3s://alice@localhost:${dovecot.pop3sPort}`;
  const terminal = new TerminalSession(user, ["doctor", "--ca", dovecot.caFile, url]);
  await terminal.shown("Password for alice@localhost");
  terminal.type("secret\r");
  expect(await terminal.ended).toBe(0);
  const lines = terminal.output.split("\r\n").filter((line) => line.startsWith("  ") || line.includes("-> "));
  // Wrapped: the capabilities are longer than a line.
  expect(lines.length).toBeGreaterThan(18);
  // A word that is longer than a line (the database's URL, where the home folder is deep) has one for itself.
  const ofWords = lines.filter((line) => line.trim().includes(" "));
  expect(Math.max(...ofWords.map((line) => line.length))).toBeLessThanOrEqual(100);
  expect(terminal.output).toContain("all is well.");
  expect(terminal.output).not.toContain("secret");
  const untrusted = new TerminalSession(user, ["doctor", url], { NO_COLOR: "1" });
  expect(await untrusted.ended).toBe(77);
  expect(untrusted.output).toMatch(/ {2}BAD {3}certificate/);
  const coloured = new TerminalSession(user, ["doctor", url]);
  expect(await coloured.ended).toBe(77);
  expect(coloured.output).toContain("\u001b[1mBAD \u001b[22m");
});

it("examines an account that logs in by OAuth 2, before and after the login", async () => {
  await using servers = await startOAuth2Servers(3);
  await using alice = await OAuth2User.create(servers, "SQLite");
  const before = await alice.run("doctor", "work", "--json");
  expect(before.code).not.toBe(0);
  expect(JSON.stringify(before.json)).toContain("mailonce login work");
  expect((await alice.logIn()).code).toBe(0);
  const after = await alice.run("doctor", "work", "--json");
  expect(after).toMatchObject({ code: 0, stderr: "" });
  expect(findings(after, "login")[0]?.["message"]).toMatch(/^logged in by (XOAUTH2|OAUTHBEARER)/);
  expect(after.json.at(-1)).toMatchObject({ maildrop: "work", exitCode: 0 });
  // A token that has run out in the meantime is exchanged once.
  servers.provider.expireAccessTokens();
  expect(await alice.run("doctor", "work")).toMatchObject({ code: 0 });
});
