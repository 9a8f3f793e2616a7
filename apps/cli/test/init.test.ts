import { statSync } from "node:fs";
import { join } from "node:path";
import { simpleMail, startDovecot } from "@mailonce/testkit";
import { beforeAll, expect, it } from "vitest";
import { build, User } from "./mailonce.ts";
import { screenOf, TerminalSession } from "./terminal-session.ts";

beforeAll(build, 180_000);

const ENTER = "\r";
const DOWN = "\u001b[B";
/** Takes away what was suggested. */
const CLEAR = "\u0015";
const CONFIG = ".config/mailonce/mailonce.yaml";

const mode = (user: User, name: string): number => statSync(join(user.home, name)).mode & 0o777;

it("without a terminal: a commented file from the options, for its owner alone, that every command reads", async () => {
  await using user = new User();
  const command = `sh -c 'echo "it''s: #1"'`;
  const parameters = ["--url", "pop3://joe@example.org@mail.example.org", "--password-command", command];
  const init = await user.run([
    "init",
    ...parameters,
    "--database",
    "sqlite:/var/mail box/a#b.sqlite".replace("#", "%23"),
  ]);
  expect(init).toMatchObject({ code: 0, stdout: `${join(user.home, CONFIG)} is written.\n` });
  expect(init.stderr).toContain("Next: mailonce check example");
  expect(mode(user, CONFIG)).toBe(0o600);
  expect(mode(user, ".config/mailonce/mailonce.schema.json")).toBe(0o600);
  const text = user.file(CONFIG).toString();
  expect(text).toMatch(/^# yaml-language-server: \$schema=mailonce\.schema\.json\n/);
  const { json } = await user.run(["config", "show", "--json"]);
  expect(json).toMatchObject([
    {
      database: "sqlite:/var/mail box/a%23b.sqlite",
      accounts: [
        {
          name: "example",
          url: "pop3://joe@example.org@mail.example.org",
          login: `a password from the command ${command}`,
        },
      ],
    },
  ]);

  const again = await user.run(["init", "--url", "pop3s://a@b"]);
  expect(again).toMatchObject({
    code: 73,
    stderr: expect.stringContaining("is there already and stays as it is"),
  });
  expect(user.file(CONFIG).toString()).toBe(text);
});

it("writes what a login by OAuth 2 needs: that is the next thing to do", async () => {
  await using user = new User();
  const ids = {
    google: "1234-ab_c.apps.googleusercontent.com",
    microsoft365: "11111111-2222-3333-4444-555555555555",
  };
  for (const [provider, clientId] of Object.entries(ids)) {
    const config = ["--config", `${provider}.yaml`];
    const url = ["--url", "pop3s://ann@example.com@pop.example.com", "--name", "ann"];
    const init = await user.run(["init", ...config, ...url, "--oauth2", provider, "--client-id", clientId]);
    expect(init).toMatchObject({ code: 0, stderr: `Next: mailonce login ann --config ${provider}.yaml\n` });
    const { json } = await user.run(["config", "show", "--json", ...config]);
    const login = expect.stringMatching(`^OAuth 2 at https://.*client ${clientId}$`);
    expect(json).toMatchObject([{ accounts: [{ name: "ann", login }] }]);
  }
});

it("on a terminal it asks, keeps the password in a file of its own, and offers what a bare URL has fetched", async () => {
  await using dovecot = await startDovecot();
  const { pop3Port } = dovecot;
  const old = { from: "a@example.org", to: "b@example.org", subject: "old", date: new Date(0), body: "old" };
  await dovecot.deliver("alice", [simpleMail(old)]);
  await using user = new User();
  expect(await user.run(["fetch", `pop3://alice@localhost:${pop3Port}?tls=none`])).toMatchObject({ code: 0 });

  const terminal = new TerminalSession(user, ["init"]);
  await terminal.answer("Your mail address?", `alice@example.org${ENTER}`);
  await terminal.answer("The POP3 server?", `${CLEAR}localhost:${pop3Port}${ENTER}`);
  await terminal.answer("Your user name there?", `${CLEAR}alice${ENTER}`);
  await terminal.answer("How is the connection protected?", `${DOWN}${DOWN}${ENTER}`);
  await terminal.answer("What shall the account be called?", `${CLEAR}work${ENTER}`);
  await terminal.answer("Where is the password?", ENTER);
  await terminal.answer("Password of alice@localhost", `secret${ENTER}`);
  await terminal.answer("Where shall the mail go?", ENTER);
  await terminal.answer("Shall work go on with it?", ENTER);
  expect(await terminal.ended).toBe(0);
  expect(terminal.output).not.toContain("secret\r");
  expect(screenOf(terminal.output).join("\n")).toContain("Next: mailonce check work");

  expect(user.file(CONFIG).toString()).toContain("password: { file: work.password }");
  expect(user.file(".config/mailonce/work.password").toString()).toBe("secret\n");
  for (const name of [CONFIG, ".config/mailonce/work.password"]) expect(mode(user, name)).toBe(0o600);
  const fetch = await user.run(["fetch", "--json"], { env: { MAILONCE_PASSWORD: undefined } });
  expect(fetch.json).toMatchObject([{ maildrop: "work", counts: { stored: 0, known: 1 }, exitCode: 0 }]);
});

it("says that there is nothing to take over", async () => {
  await using user = new User();
  expect(await user.run(["init", "--url", "pop3s://joe@mail.example.org", "--take-over"])).toMatchObject({
    code: 0,
    stderr: expect.stringContaining(
      "Nothing is taken over: the database has no mail of joe@mail.example.org.",
    ),
  });
});

it("takes a URL for the mail address: who has it need not say server, user and protection again", async () => {
  await using user = new User();
  const terminal = new TerminalSession(user, ["init"]);
  await terminal.answer("Your mail address?", `pop3s://joe:pw@mail.example.org${ENTER}`);
  await terminal.answer(
    "a password does not belong in the URL",
    `${CLEAR}pop3://joe@mail.example.org:1110${ENTER}`,
  );
  await terminal.answer("What shall the account be called?", `${CLEAR}work${ENTER}`);
  await terminal.answer("Where is the password?", `${DOWN}${DOWN}${DOWN}${DOWN}${ENTER}`);
  await terminal.answer("Where shall the mail go?", ENTER);
  expect(await terminal.ended).toBe(0);
  expect(terminal.output).not.toContain("Your user name there?");
  expect(user.file(CONFIG).toString()).toContain("url: pop3://joe@mail.example.org:1110\n");
});

it.each([
  ["Ctrl-C", "\u0003"],
  ["Ctrl-D", "\u0004"],
])("%s at a question ends with 130, and nothing is written", async (_what, key) => {
  await using user = new User();
  const terminal = new TerminalSession(user, ["init"]);
  await terminal.answer("Your mail address?", `joe@gmail.com${ENTER}`);
  await terminal.shown("pop.gmail.com");
  terminal.type(key);
  expect(await terminal.ended).toBe(130);
  expect(() => user.file(CONFIG)).toThrow("ENOENT");
});
