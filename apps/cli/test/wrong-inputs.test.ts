import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { build, User } from "./mailonce.ts";

beforeAll(build, 180_000);

/** Stands for what must never be shown again. */
const SECRET = "hunter2-correct-horse";

/** Something wrong, and what is said of it. */
interface Wrong {
  readonly what: string;
  /** The text of mailonce.yaml in the working directory; absent: there is none. */
  readonly yaml?: string | Uint8Array;
  /** Other files beside it: their text and mode. */
  readonly files?: Readonly<Record<string, readonly [text: string, mode: number]>>;
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Default: config check. */
  readonly run?: readonly string[];
  /** Default 78. */
  readonly code?: number;
  /** Of the one line on standard error. */
  readonly says: string;
}

const account = (fields: string): string =>
  `accounts:\n  work:\n    url: pop3s://joe@127.0.0.1:9\n${fields.replace(/^/gm, "    ")}\n`;

const at = (line: number, column: number, field: string): string =>
  `mailonce.yaml:${line}:${column}: ${field === "" ? "" : `${field}: `}`;

const files: readonly Wrong[] = [
  { what: "an empty file", yaml: "", says: "mailonce.yaml: the file is empty" },
  { what: "a file of comments", yaml: "# nothing\n", says: "mailonce.yaml: the file is empty" },
  { what: "a list instead of fields", yaml: "- a\n", says: `${at(1, 1, "")}must have fields of its own` },
  { what: "no accounts", yaml: "concurrency: 2\n", says: `${at(1, 1, "accounts")}is missing` },
  { what: "accounts without any", yaml: "accounts: {}\n", says: `${at(1, 11, "accounts")}is empty` },
  { what: "accounts without a value", yaml: "accounts:\n", says: `${at(1, 1, "accounts")}has no value` },
  { what: "a tab as indentation", yaml: "accounts:\n\twork:\n", says: `${at(2, 1, "")}a tab is not allowed` },
  { what: "a bracket that stays open", yaml: "database: [sqlite:a\n", says: at(2, 1, "") },
  { what: "a quote that stays open", yaml: `database: "sqlite:a\n`, says: "closing quote" },
  {
    what: "two fields on one line",
    yaml: "database: a: b\n",
    says: `${at(1, 11, "")}two fields on one line`,
  },
  {
    what: "a field given twice",
    yaml: `concurrency: 2\nconcurrency: 3\n${account("")}`,
    says: `${at(2, 1, "")}this field is given twice`,
  },
  {
    what: "an account given twice",
    yaml: `${account("")}  work:\n    url: pop3s://a@b\n`,
    says: "this field is given twice",
  },
  {
    what: "an alias without its anchor",
    yaml: "accounts: *all\n",
    says: `${at(1, 11, "")}there is no anchor`,
  },
  {
    what: "a tag",
    yaml: `database: !secret sqlite:a\n${account("")}`,
    says: `${at(1, 11, "")}tags (!…) mean nothing here`,
  },
  { what: "a second document", yaml: `${account("")}---\na: 1\n`, says: "a second document" },
  {
    what: "a value that must stand in quotes",
    yaml: "database: @x\n",
    says: `${at(1, 11, "")}a value that begins with this`,
  },
  { what: "an escape that there is not", yaml: 'database: "C:\\q"\n', says: "in double quotes a backslash" },
  {
    what: "octets that are no UTF-8",
    yaml: Buffer.from([0x61, 0x3a, 0xff, 0xfe]),
    says: "is no text in UTF-8: save it in this encoding",
  },
  {
    what: "JSON that breaks off",
    files: { "mailonce.json": ['{"accounts": {', 0o600] },
    says: "mailonce.json:1:15: ",
  },
];

const fields: readonly Wrong[] = [
  {
    what: "an unknown field",
    yaml: `databse: sqlite:a\n${account("")}`,
    says: `${at(1, 1, "databse")}there is no field databse here; did you mean database?`,
  },
  {
    what: "an unknown field of an account",
    yaml: account("maxoctet: 1"),
    says: `${at(4, 5, "accounts.work.maxoctet")}there is no field maxoctet here; did you mean maxOctets?`,
  },
  {
    what: "an unknown field that is like none",
    yaml: account("colour: red"),
    says: "allowed are url, maildrop, password",
  },
  {
    what: "a text for a number",
    yaml: `concurrency: many\n${account("")}`,
    says: `${at(1, 14, "concurrency")}must be a whole number from 1 to 1000`,
  },
  {
    what: "a number for fields",
    yaml: account("timeouts: 30"),
    says: "accounts.work.timeouts: must have fields of its own",
  },
  {
    what: "a field without a value",
    yaml: account("maxOctets:"),
    says: `${at(4, 5, "accounts.work.maxOctets")}has no value`,
  },
  {
    what: "an account without a URL",
    yaml: "accounts:\n  work:\n    limit: 1\n",
    says: `${at(2, 3, "accounts.work.url")}is missing`,
  },
  {
    what: "a URL of another protocol",
    yaml: "accounts: { a: { url: 'imap://a@b' } }\n",
    says: `${at(1, 23, "accounts.a.url")}an account is pop3s://`,
  },
  {
    what: "a port that there is not",
    yaml: "accounts: { a: { url: 'pop3s://a@b:99999' } }\n",
    says: "port is no number from 1 to 65535",
  },
  {
    what: "a password in the URL",
    yaml: `accounts: { a: { url: 'pop3s://a:${SECRET}@b' } }\n`,
    says: "accounts.a.url: a password does not belong in the URL: leave it out, and write where it is kept",
  },
  {
    what: "a password in the file",
    yaml: account(`password: ${SECRET}`),
    says: `${at(4, 15, "accounts.work.password")}a secret does not belong here: write where it is kept, { env: NAME }`,
  },
  {
    what: "two places for one password",
    yaml: account("password: { env: A, file: b }"),
    says: "must have exactly one of env, file, command",
  },
  {
    what: "no place for a password",
    yaml: account("password: {}"),
    says: "must have exactly one of env, file, command",
  },
  {
    what: "an unknown place for a password",
    yaml: account("password: { enw: A }"),
    says: "accounts.work.password.enw: there is no field enw here; did you mean env?",
  },
  {
    what: "a duration without unit",
    yaml: account("timeouts: { reply: 30 }"),
    says: `${at(4, 24, "accounts.work.timeouts.reply")}needs a unit`,
  },
  {
    what: "a duration that is none",
    yaml: account("timeouts: { reply: soon }"),
    says: "a duration such as 30s, 5m, 1h30m or 2d",
  },
  { what: "a bad number of octets", yaml: account("maxOctets: 25X"), says: "also with k, M or G" },
  { what: "a limit of none", yaml: account("limit: 0"), says: "must be a whole number from 1" },
  {
    what: "a bad cron expression",
    yaml: account('schedule: { cron: "0 25 * * *" }'),
    says: "a cron expression of five fields",
  },
  {
    what: "a bad time zone",
    yaml: account('schedule: { cron: "0 7 * * *", timeZone: Europe/Berln }'),
    says: "timeZone must be a name of the time zone database",
  },
  { what: "a bad interval", yaml: account("schedule: often"), says: "must be an interval such as 5m" },
  { what: "a bad pin", yaml: account("pins: { certificate: abc }"), says: "must be a SHA-256 in hex" },
  { what: "a bad proxy", yaml: account("proxy: ftp://a"), says: "a proxy is socks5://" },
  {
    what: "a bad mechanism",
    yaml: account("mechanisms: [PLAIN, SCRAM-SHA-265]"),
    says: `${at(4, 25, "accounts.work.mechanisms[1]")}must be one of`,
  },
  { what: "a bad profile", yaml: account("profile: gmial"), says: "did you mean gmail?" },
  { what: "bad criteria", yaml: account("where: 'subject:('"), says: `${at(4, 12, "accounts.work.where")}` },
  {
    what: "a bad database",
    yaml: `database: postgres://a@b/c\n${account("")}`,
    says: `${at(1, 11, "database")}must be sqlite:FILE, mysql://`,
  },
  {
    what: "an account's name with a blank",
    yaml: "accounts: { 'a b': { url: pop3s://a@b } }\n",
    says: "an account's name begins with a letter or digit",
  },
  {
    what: "two accounts on one maildrop",
    yaml: `${account("")}  other:\n    url: pop3s://a@b\n    maildrop: work\n`,
    says: `${at(7, 15, "accounts.other.maildrop")}the account work has this maildrop already`,
  },
  {
    what: "a password and OAuth 2",
    yaml: account("password: { env: A }\noauth2: { provider: google, clientId: x }"),
    says: "an account logs in by the one or the other",
  },
  {
    what: "OAuth 2 without client",
    yaml: account("oauth2: { provider: google }"),
    says: "accounts.work.oauth2.clientId: is missing",
  },
  {
    what: "a hook that does two things",
    yaml: account("hooks: { crm: { webhook: 'https://a.example', exec: [a] } }"),
    says: "must have exactly one of webhook, exec, queue",
  },
  {
    what: "a worker's address without port",
    yaml: `${account("")}worker: { listen: localhost }\n`,
    says: "must be a port or HOST:PORT",
  },
];

const places: readonly Wrong[] = [
  {
    what: "--config that names no file",
    run: ["config", "check", "--config", "none.yaml"],
    says: "none.yaml: there is no such file",
  },
  {
    what: "MAILONCE_CONFIG that names no file",
    env: { MAILONCE_CONFIG: "none.yaml" },
    run: ["fetch"],
    says: "none.yaml: there is no such file",
  },
  { what: "--config that names a folder", run: ["list", "--config", "."], says: "is a folder" },
  {
    what: "no accounts file",
    run: ["fetch"],
    code: 2,
    says: "there is no accounts file: 'mailonce init' makes one",
  },
  {
    what: "an account without an accounts file",
    run: ["fetch", "work"],
    code: 2,
    says: "no accounts file that could have an account work",
  },
  {
    what: "an unknown account",
    yaml: account(""),
    run: ["fetch", "wrok"],
    code: 2,
    says: "there is no account wrok in",
  },
  {
    what: "an unknown maildrop",
    yaml: account(""),
    run: ["maildrop", "rename", "a", "b"],
    code: 2,
    says: "there is no database yet",
  },
  ...[" ", "a\nb", "\u001b[2J", "pop3s://joe@mail.example.org", "x".repeat(513)].map((name) => ({
    what: `a maildrop called ${JSON.stringify(name.slice(0, 40))}`,
    run: ["fetch", "--maildrop", name, "pop3s://joe@127.0.0.1:9"],
    code: 2,
    says: "--maildrop needs a name: a text on one line, at most 512 octets, and no URL",
  })),
  {
    what: "an account with a URL for its maildrop",
    yaml: account("maildrop: pop3s://joe@mail.example.org"),
    says: "accounts.work.maildrop: must be a text on one line, at most 512 octets, and no URL",
  },
  {
    what: "--maildrop for several",
    yaml: account(""),
    run: ["fetch", "--maildrop", "x"],
    code: 2,
    says: "give one account with it",
  },
  {
    what: "a concurrency of none",
    yaml: account(""),
    run: ["fetch", "--concurrency", "0"],
    code: 2,
    says: "It must be a whole number from 1 to 1000.",
  },
  {
    what: "a concurrency without bounds",
    run: ["check", "--concurrency", "1001"],
    code: 2,
    says: "It must be a whole number from 1 to 1000.",
  },
  {
    what: "a login without an accounts file",
    run: ["login", "pop3s://joe@example.com@pop.gmail.com"],
    code: 2,
    says: "mailonce init --url pop3s://joe@example.com@pop.gmail.com --oauth2 google --client-id ID",
  },
  {
    what: "a login of an account that has a password",
    yaml: account("password: { file: pw }"),
    run: ["login", "work"],
    code: 2,
    says: "mailonce.yaml, give it 'oauth2:' in place of a password",
  },
  {
    what: "a login of a URL that is no account",
    yaml: account(""),
    run: ["login", "pop3s://ann@127.0.0.1"],
    code: 2,
    says: "mailonce.yaml has no account for ann@127.0.0.1: write one, with 'oauth2:'",
  },
  {
    what: "--oauth2 without a client id",
    run: ["init", "--url", "pop3s://joe@mail.example.org", "--oauth2", "google"],
    code: 2,
    says: "--oauth2 and --client-id belong together",
  },
  {
    what: "a time limit with a unit that there is not",
    yaml: account(""),
    run: ["fetch", "--timeout", "30x"],
    code: 2,
    says: "It must be seconds, or a duration such as 30s",
  },
  {
    what: "a file in the working directory that everybody can change",
    yaml: account(""),
    files: { "mailonce.yaml": [account(""), 0o666] },
    says: "lies in the working directory and can be changed by everybody",
  },
  {
    what: "a database's password in a file that others can read",
    yaml: `database: mariadb://me:${SECRET}@localhost/mail\n${account("")}`,
    files: { "mailonce.yaml": [`database: mariadb://me:${SECRET}@localhost/mail\n${account("")}`, 0o644] },
    says: "holds a password (database) and others can read it: chmod 600",
  },
  {
    what: "a variable that is not set",
    yaml: account("password: { env: NOT_THERE }"),
    run: ["fetch"],
    says: "work: the password of work: the environment variable NOT_THERE is not set",
  },
  {
    what: "a password file that others can read",
    yaml: account("password: { file: pw }"),
    files: { pw: [SECRET, 0o640] },
    run: ["fetch"],
    says: "others can read the file",
  },
  {
    what: "a password file that is missing",
    yaml: account("password: { file: pw }"),
    run: ["fetch"],
    says: "there is no such file: ",
  },
  {
    what: "an empty password file",
    yaml: account("password: { file: pw }"),
    files: { pw: ["\n", 0o600] },
    run: ["fetch"],
    says: "is empty",
  },
  {
    what: "a password file of two lines",
    yaml: account("password: { file: pw }"),
    files: { pw: [`${SECRET}\nx\n`, 0o600] },
    run: ["fetch"],
    says: "holds more than one line",
  },
  {
    what: "a command that there is not",
    yaml: account("password: { command: [no-such-program] }"),
    run: ["fetch"],
    says: "its command cannot be started: there is no such program",
  },
  {
    what: "a command that fails",
    yaml: account("password: { command: 'exit 3' }"),
    run: ["fetch"],
    says: "the password of work: its command ended with exit code 3",
  },
  {
    what: "a command that says nothing",
    yaml: account("password: { command: 'true' }"),
    run: ["fetch"],
    says: "what its command writes is empty",
  },
  {
    what: "a CA file that is missing",
    yaml: account("password: { env: PW }\nca: ca.pem"),
    env: { PW: SECRET },
    run: ["fetch"],
    says: "the ca of work: the file cannot be read",
  },
  {
    what: "a CA file without certificate",
    yaml: account("ca: ca.pem"),
    files: { "ca.pem": ["nothing", 0o644] },
    says: "holds no certificate in PEM form",
  },
  {
    what: "no terminal to ask on",
    yaml: account(""),
    run: ["fetch"],
    says: "there is no terminal to ask on",
  },
  {
    what: "init without a terminal or options",
    run: ["init"],
    code: 2,
    says: "there is no terminal to ask on: give --url",
  },
  {
    what: "init over a file",
    yaml: account(""),
    run: ["init", "--config", "mailonce.yaml", "--url", "pop3s://a@b"],
    code: 73,
    says: "is there already and stays as it is",
  },
  {
    what: "init of a JSON file",
    run: ["init", "--config", "a.json", "--url", "pop3s://a@b"],
    code: 2,
    says: "init writes YAML",
  },
  {
    what: "init with a password in the URL",
    run: ["init", "--url", `pop3s://a:${SECRET}@b`],
    code: 2,
    says: "a password does not belong in the URL",
  },
];

describe.each([
  ["a file", files],
  ["a field", fields],
  ["what is around it", places],
] as const)("wrong in %s", (_group, rows) => {
  it.concurrent.each(rows)("$what: one clear message and the right exit code", async (wrong) => {
    const { yaml, files: others = {}, env = {}, run = ["config", "check"], code = 78, says } = wrong;
    await using user = new User();
    const write = (name: string, text: string | Uint8Array, mode: number): void => {
      const path = join(user.home, name);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, text);
      chmodSync(path, mode);
    };
    if (yaml !== undefined) write("mailonce.yaml", yaml, 0o600);
    for (const [name, [text, mode]] of Object.entries(others)) write(name, text, mode);
    const ended = await user.run(run, { env: { MAILONCE_PASSWORD: undefined, ...env } });
    expect({ code: ended.code, stderr: ended.stderr }).toEqual({
      code,
      stderr: expect.stringContaining(says),
    });
    const lines = ended.stderr.trimEnd().split("\n");
    expect(lines.filter((line) => !/^(?:Try: mailonce|1 problem in )/.test(line))).toHaveLength(1);
    expect(lines[0]).toMatch(/^mailonce: /);
    expect(ended.stderr + ended.stdout).not.toContain(SECRET);
    expect(ended.stderr).not.toMatch(/\bat .*:\d+:\d+\)|internal error/);
  });
});

it("everything that is wrong in a file is told at once, in the order of the file", async () => {
  await using user = new User();
  const yaml = [
    "concurrency: 0",
    "defaults: { timeouts: { conect: 1s } }",
    "accounts:",
    "  work:",
    `    url: pop3s://joe:${SECRET}@mail.example.org`,
    `    password: ${SECRET}`,
    "    hooks: { a: { webhook: ftp://x }, 'b c': { exec: [x] } }",
    "  other: { url: pop3s://a@b, maildrop: work }",
    "",
  ].join("\n");
  writeFileSync(join(user.home, "mailonce.yaml"), yaml);
  const { code, stderr } = await user.run(["config", "check"]);
  expect(code).toBe(78);
  const places = stderr.split("\n").flatMap((line) => /yaml:(\d+:\d+: [^:]+):/.exec(line)?.[1] ?? []);
  expect(places).toEqual([
    "1:14: concurrency",
    "2:25: defaults.timeouts.conect",
    "5:10: accounts.work.url",
    "6:15: accounts.work.password",
    "7:28: accounts.work.hooks.a.webhook",
    "7:39: accounts.work.hooks.b c",
    "8:40: accounts.other.maildrop",
  ]);
  expect(stderr).not.toContain(SECRET);
  const json = await user.run(["fetch", "--json"]);
  expect(json.code).toBe(78);
  expect(json.json).toMatchObject([
    { type: "summary", maildrop: null, exitCode: 78, error: { code: "configuration" } },
  ]);
  const problems = await user.run(["config", "check", "--json"]);
  expect(problems.json).toHaveLength(7);
  expect(problems.json[0]).toMatchObject({ type: "problem", line: 1, column: 14, field: "concurrency" });
});
