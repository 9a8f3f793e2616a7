import { readdirSync } from "node:fs";
import { join } from "node:path";
import {
  type Dovecot,
  type Pop3Server,
  sampleMail,
  simpleMail,
  startDovecot,
  startPop3Server,
} from "@mailonce/testkit";
import { sharedMariaDb } from "@mailonce/testkit/vitest";
import { beforeAll, describe, expect, it, vi } from "vitest";
import { build, type Ended, User } from "./mailonce.ts";

beforeAll(build, 180_000);

// Many commands, one after the other.
vi.setConfig({ testTimeout: 180_000 });

const DATABASES = ["SQLite", "MariaDB"] as const;

/** A database of its own, and the environment that its password stands in. */
async function databaseOf(
  kind: (typeof DATABASES)[number],
): Promise<{ readonly url: string; readonly env: Readonly<Record<string, string | undefined>> }> {
  if (kind === "SQLite") return { url: "sqlite:mail.sqlite", env: {} };
  const { mariadbUrl, password } = await sharedMariaDb().createDatabase();
  return {
    url: mariadbUrl.replace(`:${password}@`, "@"),
    env: { MAILONCE_DATABASE_PASSWORD: password },
  };
}

const summaries = ({ json }: Ended): Record<string, unknown>[] =>
  json
    .filter(({ type }) => type === "summary")
    .toSorted((a, b) => (String(a["maildrop"]) < String(b["maildrop"]) ? -1 : 1));

/** How many messages each user's last session retrieved. */
function retrieved(dovecot: Dovecot, user: string): string | undefined {
  return [...dovecot.log().matchAll(/pop3\((\w+)\).*Disconnected.*retr=(\d+)/g)]
    .filter(([, who]) => who === user)
    .at(-1)?.[2];
}

const mail = (subject: string): Uint8Array =>
  simpleMail({ from: "a@example.org", to: "b@example.org", subject, date: new Date(0), body: subject });

describe.each(DATABASES)("accounts of a file, on a real Dovecot, into %s", (kind) => {
  it("are all fetched, several at once; what fails stops no other, and the worst exit code counts", async () => {
    await using dovecot = await startDovecot({ users: ["anna", "ben", "carla", "dora", "emil"] });
    for (const [n, name] of ["anna", "ben", "carla", "dora"].entries())
      await dovecot.deliver(name, sampleMail(10 + n));
    await using user = new User();
    const url = (name: string): string => `url: pop3s://${name}@localhost:${dovecot.pop3sPort}`;
    const database = await databaseOf(kind);
    const env = { MAILONCE_PASSWORD: undefined, CARLA: "secret", ...database.env };
    const run = (...parameters: string[]): Promise<Ended> => user.run(parameters, { env });
    user.write("password", "secret\n");
    user.write(
      "mailonce.yaml",
      `
database: ${database.url}
defaults: { ca: ${dovecot.caFile}, password: { file: password } }
concurrency: 3
accounts:
  anna: { ${url("anna")} }
  ben: { ${url("ben")}, password: { command: echo secret } }
  carla: { ${url("carla")}, password: { env: CARLA }, limit: 5 }
  dora: { ${url("dora")}, password: { command: echo wrong } }
  emil: { ${url("emil")}, password: { env: NOT_SET } }
`,
    );

    const check = await run("check", "--json", "anna", "ben");
    expect(summaries(check)).toMatchObject([
      { maildrop: "anna", counts: { new: 10 } },
      { maildrop: "ben", counts: { new: 11 } },
    ]);

    const all = await run("fetch", "--json");
    expect(all.code).toBe(78);
    expect(all.json.at(-1)).toMatchObject({ type: "summary" });
    expect(summaries(all)).toMatchObject([
      { maildrop: "anna", counts: { stored: 10 }, exitCode: 0, error: null },
      { maildrop: "ben", counts: { stored: 11 }, exitCode: 0, error: null },
      { maildrop: "carla", counts: { stored: 5 }, exitCode: 0, error: null },
      { maildrop: "dora", counts: { stored: 0 }, exitCode: 77, error: { code: "login-refused" } },
      { maildrop: "emil", counts: { stored: 0 }, exitCode: 78, error: { code: "secret" } },
    ]);
    expect(all.stderr).toContain("mailonce: dora: localhost refused the login");
    expect(all.stderr).toContain(
      "mailonce: emil: the password of emil: the environment variable NOT_SET is not set",
    );

    const again = await run("fetch", "anna", "carla", "ben");
    expect(again).toMatchObject({ code: 0, stderr: "" });
    expect(again.stdout).toContain("anna: 0 messages stored, 10 known.");
    expect(again.stdout.split("\n").filter((line) => line.startsWith("carla  "))).toHaveLength(5);
    expect(again.stdout).toMatch(/3 accounts: 5 messages stored \(.*\)\.\n$/);
    expect([retrieved(dovecot, "anna"), retrieved(dovecot, "ben"), retrieved(dovecot, "carla")]).toEqual([
      "0",
      "0",
      "5",
    ]);

    expect((await run("list", "--json", "anna")).json.map(({ maildrop }) => maildrop)).toEqual(
      Array(10).fill("anna"),
    );
    expect((await run("list", "--json", `pop3s://ben@localhost:${dovecot.pop3sPort}`)).json).toHaveLength(11);
    expect(await run("list", "anan")).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("did you mean anna?"),
    });
    expect(await run("export", "--to", "mail", "carla")).toMatchObject({ code: 0 });
    expect(readdirSync(join(user.home, "mail"))).toHaveLength(10);

    await dovecot.deliver("anna", [mail("one"), mail("two")]);
    const baseline = await run("baseline", "anna");
    expect(baseline.stdout).toBe("anna: 2 messages marked as known, 10 known already.\n");
    expect(await run("fetch", "--quiet", "anna", "ben")).toMatchObject({ code: 0, stdout: "", stderr: "" });
  });

  it("take over what was fetched by a bare URL: nothing is downloaded again", async () => {
    await using dovecot = await startDovecot({ users: ["anna", "ben"] });
    await dovecot.deliver("anna", sampleMail(12));
    await dovecot.deliver("ben", sampleMail(3));
    await using user = new User();
    const database = await databaseOf(kind);
    const run = (...parameters: string[]): Promise<Ended> => user.run(parameters, { env: database.env });
    const url = (name: string): string => `pop3s://${name}@localhost:${dovecot.pop3sPort}`;
    const place = ["--database", database.url];
    const bare = await run("fetch", ...place, "--ca", dovecot.caFile, url("anna"), url("ben"));
    expect(bare.stdout).toContain("2 accounts: 15 messages stored");

    // By init, for its own account.
    user.write("password", "secret");
    const config = ["--config", "mailonce.yaml"];
    const from = ["--url", url("anna"), "--name", "work", "--password-file", "password"];
    const init = await run("init", ...config, ...place, ...from, "--take-over");
    expect(init).toMatchObject({ code: 0 });
    const port = dovecot.pop3sPort;
    expect(init.stdout).toContain(`work goes on with the mail of anna@localhost:${port}.`);
    const work = await run("fetch", "--json", "--ca", dovecot.caFile, "work");
    expect(work.json).toMatchObject([{ maildrop: "work", counts: { stored: 0, known: 12 }, exitCode: 0 }]);
    expect(retrieved(dovecot, "anna")).toBe("0");
    // Its URL still leads to it.
    const byUrl = await run("fetch", "--json", "--ca", dovecot.caFile, url("anna"));
    expect(byUrl.json).toMatchObject([{ maildrop: "work", counts: { known: 12 } }]);

    // By hand, for another that was added to the file.
    const text = user.file("mailonce.yaml").toString();
    user.write("mailonce.yaml", `${text}  ben: { url: "${url("ben")}", password: { file: password } }\n`);
    const unasked = await run("fetch", "--json", "--ca", dovecot.caFile, "ben");
    expect(unasked).toMatchObject({
      code: 78,
      stderr: expect.stringContaining(`run: mailonce maildrop rename ben@localhost:${port} ben\n`),
    });
    expect(unasked.json).toMatchObject([{ maildrop: "ben", error: { code: "maildrop-renamed" } }]);
    expect(await run("maildrop", "rename", url("ben"), "work")).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("there is a maildrop work already"),
    });
    expect(await run("maildrop", "rename", url("ben"), "ben")).toMatchObject({ code: 0 });
    const both = await run("fetch", "--json", "--ca", dovecot.caFile);
    expect(summaries(both)).toMatchObject([
      { maildrop: "ben", counts: { stored: 0, known: 3 } },
      { maildrop: "work", counts: { stored: 0, known: 12 } },
    ]);
    expect((await run("maildrop", "list", "--json")).json).toMatchObject([
      { type: "maildrop", name: "ben", account: "ben", listed: 3 },
      { type: "maildrop", name: "work", account: "work", listed: 12 },
    ]);
    expect((await run("list", "--json", "ben")).json).toHaveLength(3);
  });

  it("that are called otherwise from now on get nothing again: the command that takes their mail along is told", async () => {
    await using dovecot = await startDovecot({ users: ["anna", "ben"] });
    await dovecot.deliver("anna", sampleMail(4));
    await dovecot.deliver("ben", sampleMail(2));
    await using user = new User();
    const database = await databaseOf(kind);
    const config = (accounts: Readonly<Record<string, string>>, apart: readonly string[] = []): void => {
      const lines = Object.entries(accounts).map(
        ([name, login]) =>
          `  ${name}: { url: "pop3s://${login}@localhost:${dovecot.pop3sPort}", ca: "${dovecot.caFile}", apart: ${apart.includes(name)} }`,
      );
      user.write("mailonce.yaml", [`database: "${database.url}"`, "accounts:", ...lines, ""].join("\n"));
    };
    const run = (...parameters: string[]): Promise<Ended> => user.run(parameters, { env: database.env });
    config({ work: "anna", other: "ben" });
    expect(await run("fetch")).toMatchObject({ code: 0 });

    config({ office: "anna", other: "ben", copy: "ben" });
    for (const command of ["fetch", "check", "baseline", "doctor"])
      expect((await run(command, "office")).stderr + (await run(command, "office")).stdout).toContain(
        "run: mailonce maildrop rename work office\n",
      );
    // An account beside one that has the same mail must say that it is meant so.
    expect(await run("fetch", "copy")).toMatchObject({
      code: 78,
      stderr: expect.stringContaining("the database has this mailbox as other"),
    });
    config({ office: "anna", other: "ben", copy: "ben" }, ["copy"]);
    const both = await run("fetch", "--json");
    expect(summaries(both)).toMatchObject([
      { maildrop: "copy", counts: { stored: 2 } },
      { maildrop: "office", error: { code: "maildrop-renamed" }, exitCode: 78 },
      { maildrop: "other", counts: { stored: 0, known: 2 } },
    ]);
    expect(await run("maildrop", "rename", "work", "office")).toMatchObject({ code: 0 });
    expect((await run("fetch", "--json", "office")).json).toMatchObject([
      { counts: { stored: 0, known: 4 } },
    ]);
  });
});

/** Accounts a1, a2, … on one scripted server, each with one message that is held back until it is let go. */
async function heldAccounts(
  user: User,
  count: number,
): Promise<{ readonly server: Pop3Server; readonly letGo: () => void }> {
  const server = await startPop3Server();
  let letGo = (): void => undefined;
  const held = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  const names = Array.from({ length: count }, (_, n) => `a${n + 1}`);
  for (const name of names) server.addAccount(name, "secret").deliver(mail(`for ${name}`));
  server.faults = [{ at: { verb: "RETR", times: count }, do: "hold", until: () => held }];
  const lines = names.map(
    (name) => `  ${name}: { url: "pop3://${name}@127.0.0.1:${server.port}?tls=none" }\n`,
  );
  user.write("mailonce.yaml", `accounts:\n${lines.join("")}`);
  return { server, letGo };
}

it("so many accounts are fetched at the same time as --concurrency says", async () => {
  await using user = new User();
  const { server, letGo } = await heldAccounts(user, 5);
  await using _server = server;
  const running = user.start(["fetch", "--json", "--concurrency", "3"]);
  await server.waitFor(() => server.count("RETR") === 3);
  expect(server.sessions).toHaveLength(3);
  letGo();
  const ended = await running.ended;
  expect(ended.code).toBe(0);
  expect(summaries(ended).map(({ maildrop }) => maildrop)).toEqual(["a1", "a2", "a3", "a4", "a5"]);
  expect(server.sessions).toHaveLength(5);
});

it("Ctrl-C ends all that are under way and begins no other; each maildrop has its summary", async () => {
  await using user = new User();
  const { server, letGo } = await heldAccounts(user, 5);
  await using _server = server;
  const running = user.start(["fetch", "--json", "--concurrency", "2"]);
  await server.waitFor(() => server.count("RETR") === 2);
  running.child.kill("SIGINT");
  const ended = await running.ended;
  letGo();
  expect(ended.code).toBe(130);
  expect(summaries(ended)).toMatchObject(
    ["a1", "a2", "a3", "a4", "a5"].map((maildrop) => ({
      maildrop,
      exitCode: 130,
      error: { code: "interrupted" },
    })),
  );
  expect(ended.json.at(-1)).toMatchObject({ type: "summary" });
  expect(server.sessions).toHaveLength(2);
  expect(server.sessions.every(({ quit }) => !quit)).toBe(true);
});

it("says after Ctrl-C how many accounts were interrupted, and how many had not begun", async () => {
  await using user = new User();
  const { server, letGo } = await heldAccounts(user, 5);
  await using _server = server;
  const running = user.start(["fetch", "--concurrency", "2"]);
  await server.waitFor(() => server.count("RETR") === 2);
  running.child.kill("SIGINT");
  const ended = await running.ended;
  letGo();
  expect(ended.code).toBe(130);
  expect(ended.stdout).toMatch(
    /^5 accounts: 0 messages stored, 2 accounts interrupted, 3 accounts not begun\.$/m,
  );
});

it("Ctrl-C does not wait for a command that is to write a password", async () => {
  await using user = new User();
  user.write(
    "mailonce.yaml",
    "accounts: { work: { url: pop3s://a@localhost, password: { command: 'echo unlock me >&2; exec sleep 50' } } }\n",
  );
  const running = user.start(["fetch", "--json"]);
  await running.shown("mailonce: work: unlock me");
  running.child.kill("SIGINT");
  const ended = await running.ended;
  expect(ended).toMatchObject({ code: 130 });
  expect(ended.json).toMatchObject([{ maildrop: "work", exitCode: 130, error: { code: "interrupted" } }]);
});

it("a server that says nothing is given up after --timeout; the others are fetched meanwhile", async () => {
  await using user = new User();
  const { server, letGo } = await heldAccounts(user, 2);
  await using _server = server;
  server.faults = [{ at: { verb: "USER", times: 1 }, do: "hold", until: () => new Promise(() => undefined) }];
  const ended = await user.run(["fetch", "--json", "--concurrency", "1", "--timeout", "500ms", "a1", "a2"]);
  letGo();
  expect(ended.code).toBe(69);
  expect(summaries(ended)).toMatchObject([
    { maildrop: "a1", exitCode: 69, error: { code: "timeout" } },
    { maildrop: "a2", counts: { stored: 1 }, exitCode: 0 },
  ]);
});

it("a maildrop that is in use is not renamed", async () => {
  await using user = new User();
  const { server, letGo } = await heldAccounts(user, 1);
  await using _server = server;
  const running = user.start(["fetch", "a1"]);
  await server.waitFor(() => server.count("RETR") === 1);
  expect(await user.run(["maildrop", "rename", "a1", "b"])).toMatchObject({
    code: 75,
    stderr: expect.stringContaining("is working on this maildrop"),
  });
  letGo();
  expect(await running.ended).toMatchObject({ code: 0 });
  expect(await user.run(["maildrop", "rename", "a1", "b"])).toMatchObject({ code: 0 });
});

it("knows an account by its URL on either standard port, and by its name however its letters are composed", async () => {
  await using user = new User();
  user.write(
    "mailonce.yaml",
    "accounts:\n  m\u00fcller:\n    url: pop3s://joe@mail.example.org\n    proxy: http://127.0.0.1:1\n",
  );
  for (const place of ["pop3://joe@mail.example.org", "pop3s://joe@MAIL.example.org", "mu\u0308ller"]) {
    const { json } = await user.run(["check", "--json", place]);
    expect(json).toMatchObject([
      { maildrop: "m\u00fcller", exitCode: 69, error: { code: "proxy-unreachable" } },
    ]);
  }
});

it("config show tells where secrets are kept, and holds none", async () => {
  await using user = new User();
  user.write(
    "mailonce.yaml",
    `
database: mariadb://me:hunter2@localhost/mail
accounts:
  work:
    url: pop3s://joe@mail.example.org
    password: { command: pass show mail }
    proxy: socks5://me:hunter2@localhost
    mechanisms: [SCRAM-SHA-256, PLAIN]
    timeouts: { reply: 90s, idle: 20s }
    schedule: { cron: "0 7 * * *", timeZone: Europe/Berlin }
    hooks: { crm: { webhook: "https://crm.example/hunter2", secret: { env: CRM } } }
`,
  );
  const { code, stdout } = await user.run(["config", "show"]);
  expect(code).toBe(0);
  expect(stdout).toContain("mariadb://me:…@localhost/mail");
  expect(stdout).toContain("a password from the command pass show mail");
  expect(stdout).toContain("0 7 * * * (Europe/Berlin)");
  expect(stdout).toMatch(/^worker {7}perHost: 4, shutdown: 30s, keepDelivered: 14d$/m);
  expect(stdout).toMatch(/^ {2}mechanisms {2}SCRAM-SHA-256, PLAIN$/m);
  expect(stdout).toMatch(/^ {2}timeouts {4}reply: 1m30s, idle: 20s$/m);
  const json = await user.run(["config", "show", "--json"]);
  expect(json.json).toMatchObject([
    {
      type: "configuration",
      accounts: [
        {
          name: "work",
          timeouts: { reply: "1m30s", idle: "20s" },
          hooks: { crm: "POST to https://crm.example/…" },
        },
      ],
    },
  ]);
  expect(stdout + json.stdout).not.toContain("hunter2");
  const checked = await user.run(["config", "check"], { env: { CRM: "secret" } });
  expect(checked.stdout).toContain("mailonce.yaml: 1 account, all well.");
  expect(JSON.parse((await user.run(["config", "schema"])).stdout)).toMatchObject({ required: ["accounts"] });
});
