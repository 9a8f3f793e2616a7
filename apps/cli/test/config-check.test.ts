import { chmodSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, it } from "vitest";
import { build, type Ended, User } from "./mailonce.ts";

beforeAll(build, 180_000);

/** `LINE: FIELD` of each problem that is told. */
const told = ({ stderr }: Ended): string[] =>
  stderr.split("\n").flatMap((line) => {
    const [, number, field] = /yaml:(\d+):\d+: ([^:]+):/.exec(line) ?? [];
    return number === undefined ? [] : [`${number}: ${field}`];
  });

const check = async (user: User, yaml: string, ...more: readonly string[]): Promise<Ended> => {
  user.write("mailonce.yaml", yaml);
  return user.run(["config", "check", ...more], { env: { MAILONCE_PASSWORD: undefined, THERE: "secret" } });
};

it("what stands under a name that is not allowed is looked at, too", async () => {
  await using user = new User();
  const ended = await check(
    user,
    `accounts:
  bad name:
    url: http://joe@mail.example.org
    password: { env: NOT_THERE }
    shedule: 5m
    hooks:
      "a b": { webhook: ftp://example.org, secret: { file: no-such-file } }
  good: { url: pop3s://a@b, schedule: { cron: "99 * * * *", timeZone: Europe/Berln } }
`,
  );
  expect(ended.code).toBe(78);
  expect(told(ended)).toEqual([
    "2: accounts.bad name",
    "3: accounts.bad name.url",
    "4: accounts.bad name.password",
    "5: accounts.bad name.shedule",
    "7: accounts.bad name.hooks.a b",
    "7: accounts.bad name.hooks.a b.webhook",
    "7: accounts.bad name.hooks.a b.secret",
    "8: accounts.good.schedule",
  ]);
  expect(ended.stderr).toContain("the environment variable NOT_THERE is not set");
  expect(ended.stderr).toMatch(/five fields.*; timeZone must be a name/);
  expect(ended.stderr).toContain("8 problems in");
});

it("what a file names and is not there is told, with line and field, without --secrets", async () => {
  await using user = new User();
  user.write("open", "secret");
  chmodSync(join(user.home, "open"), 0o644);
  user.write("empty", "");
  user.write("good", "secret\n");
  mkdirSync(join(user.home, "folder"));
  const ended = await check(
    user,
    `database: mariadb://mail@127.0.0.1/mail?tls=verify&ca=no-ca.pem
tokenKey: { env: NO_KEY }
defaults: { ca: no-such-ca.pem }
accounts:
  a: { url: pop3s://a@one.example, password: { env: NOT_THERE } }
  b: { url: pop3s://b@one.example, password: { file: open } }
  c: { url: pop3s://c@one.example, password: { file: empty } }
  d: { url: pop3s://d@one.example, password: { file: folder } }
  e: { url: pop3s://e@one.example, ca: good }
  f: { url: pop3s://f@one.example, hooks: { run: { exec: [/no/such/program] } } }
  g: { url: pop3s://g@one.example, password: { env: THERE } }
  h: { url: pop3s://h@one.example, password: { command: exit 1 } }
  i: { url: pop3s://i@one.example, password: { file: good } }
  j: { url: pop3s://j@one.example, oauth2: { provider: google, clientId: x, clientSecret: { env: NONE } } }
`,
  );
  expect(ended.code).toBe(78);
  expect(told(ended)).toEqual([
    "1: database",
    "2: tokenKey",
    "3: defaults.ca",
    "5: accounts.a.password",
    "6: accounts.b.password",
    "7: accounts.c.password",
    "8: accounts.d.password",
    "9: accounts.e.ca",
    "10: accounts.f.hooks.run.exec",
    "14: accounts.j.oauth2.clientSecret",
  ]);
  for (const part of ["others can read the file", "is empty", "folder", "holds no certificate", "chmod 600"])
    expect(ended.stderr).toContain(part);
  expect(ended.stderr).not.toContain("secret\n");
  const json = await check(user, user.file("mailonce.yaml").toString(), "--json");
  expect(json.json).toHaveLength(11);
  expect(json.json[3]).toMatchObject({ type: "problem", line: 5, field: "accounts.a.password" });
  expect(json.json.at(-1)).toMatchObject({ type: "configuration-check", accounts: 10, exitCode: 78 });
});

it("commands are run with --secrets only, and not for a file that is wrong", async () => {
  await using user = new User();
  const yaml = "accounts:\n  a: { url: pop3s://a@b, password: { command: 'touch ran; exit 1' } }\n";
  expect(await check(user, yaml)).toMatchObject({ code: 0 });
  expect(await check(user, `concurrency: 0\n${yaml}`, "--secrets")).toMatchObject({ code: 78 });
  expect(() => user.file("ran")).toThrow();
  const ended = await check(user, yaml, "--secrets");
  expect(told(ended)).toEqual(["2: accounts.a.password"]);
  expect(user.file("ran").length).toBe(0);
});

it("defaults that no account falls back on may name what is not there", async () => {
  await using user = new User();
  const yaml = `defaults: { password: { env: NOT_THERE }, ca: no.pem }
accounts:
  a: { url: pop3s://a@b, password: { env: THERE }, ca: no2.pem }
`;
  expect(told(await check(user, yaml))).toEqual(["3: accounts.a.ca"]);
});

it("two accounts for one mailbox, or on one maildrop, are told", async () => {
  await using user = new User();
  const yaml = `accounts:
  a: { url: pop3s://joe@mail.example.org }
  b: { url: pop3://joe@MAIL.example.org }
  c: { url: pop3s://joe@mail.example.org, apart: true }
  d: { url: pop3s://ann@mail.example.org, maildrop: a }
`;
  const ended = await check(user, yaml);
  expect(told(ended)).toEqual(["3: accounts.b.url", "5: accounts.d.maildrop"]);
  expect(ended.stderr).toContain("apart: true");
});

it("everything that is wrong in one hook, one list, one login is told", async () => {
  await using user = new User();
  const yaml = `accounts:
  a:
    url: pop3s://a@b
    trust: [abc, ${"a".repeat(40)}]
    tls: { minVersion: TLSv9, ciphers: "a b" }
    where: "subject:("
    hooks: { x: { webhook: ftp://x, url: http://y, timeout: soon } }
`;
  const ended = await check(user, yaml);
  expect(told(ended)).toEqual([
    "4: accounts.a.trust",
    "5: accounts.a.tls.minVersion",
    "5: accounts.a.tls.ciphers",
    "6: accounts.a.where",
    "7: accounts.a.hooks.x",
    "7: accounts.a.hooks.x.webhook",
    "7: accounts.a.hooks.x.url",
    "7: accounts.a.hooks.x.timeout",
  ]);
  expect(ended.stderr).toMatch(/item 1: must be a SHA-256.*item 2: is a fingerprint by SHA-1/);
  expect(ended.stderr).toContain("url belongs to a queue");
});
