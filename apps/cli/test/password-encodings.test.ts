import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Pop3Server, simpleMail, startPop3Server } from "@mailonce/testkit";
import { beforeAll, describe, expect, it } from "vitest";
import { BIN, build, User } from "./mailonce.ts";

beforeAll(build, 180_000);

const PASSWORD = "gr\u00fcn";
const urlOf = ({ port }: Pop3Server): string => `pop3://alice@127.0.0.1:${port}?tls=none`;

/** It reads what it is sent octet by octet. */
async function serverWithPassword(): Promise<Pop3Server> {
  const server = await startPop3Server({ password: Buffer.from(PASSWORD).toString("latin1") });
  const people = { from: "a@example.org", to: "b@example.org" };
  server.maildrop.deliver(simpleMail({ ...people, subject: "one", date: new Date(0), body: "one" }));
  return server;
}

/** Octets in another encoding than UTF-8, and what is said of them. */
const FOREIGN = [
  ["latin-1", Buffer.from(`${PASSWORD}\n`, "latin1"), "is no text in UTF-8"],
  ["UTF-16 as Windows writes it", Buffer.from(`\ufeff${PASSWORD}\r\n`, "utf16le"), "is text in UTF-16"],
  ["UTF-16 without a mark", Buffer.from("gruen\n", "utf16le"), "is text in UTF-16"],
  ["UTF-16, big end first", Buffer.from("gruen\n", "utf16le").swap16(), "is text in UTF-16"],
  ["two lines", Buffer.from(`${PASSWORD}\nanother\n`), "holds more than one line (a line break), or a NUL"],
  ["a NUL in it", Buffer.from("gr\0n\n"), "holds more than one line (a line break), or a NUL"],
] as const;

describe("a mail password on standard input", () => {
  it.each(FOREIGN)("in %s is not sent, and it is said what it is", async (_what, octets, says) => {
    await using server = await serverWithPassword();
    await using user = new User();
    for (const command of ["fetch", "check", "baseline"]) {
      const ended = await user.run([command, "--password-stdin", urlOf(server)], { stdin: octets });
      expect(ended).toMatchObject({ code: 78, stderr: expect.stringContaining(says) });
      expect(ended.stderr).toContain("the password from standard input");
    }
    const doctor = await user.run(["doctor", "--password-stdin", urlOf(server)], { stdin: octets });
    expect(doctor.code).toBe(78);
    expect(doctor.stdout + doctor.stderr).toContain("standard input");
    expect(server.count("PASS")).toBe(0);
  });

  it.each([
    ["with a byte order mark", `\ufeff${PASSWORD}\n`],
    ["with a byte order mark and CR LF", `\ufeff${PASSWORD}\r\n`],
    ["without a line end", PASSWORD],
  ])("%s is the password that was meant", async (_what, stdin) => {
    await using server = await serverWithPassword();
    await using user = new User();
    expect(await user.run(["fetch", "--password-stdin", urlOf(server)], { stdin })).toMatchObject({
      code: 0,
      stderr: "",
    });
  });
});

/** Runs the command with a variable whose octets, which Node cannot set, printf writes. */
function runWith(user: User, variable: string, printf: string, parameters: readonly string[], env = {}) {
  const script = `${variable}=$(printf '${printf}'); export ${variable}; exec "$0" "$@"`;
  const { status, stdout, stderr } = spawnSync("sh", ["-c", script, process.execPath, BIN, ...parameters], {
    cwd: user.home,
    env: { PATH: process.env["PATH"], HOME: user.home, TMPDIR: user.home, ...env },
    encoding: "utf8",
  });
  return { code: status, all: stdout + stderr };
}

describe("a secret in the environment", () => {
  it("in latin-1 is not sent, and it is said what it is; with a byte order mark it is the one that was meant", async () => {
    await using server = await serverWithPassword();
    await using user = new User();
    // In a process of its own, which would keep this one's server waiting.
    const closed = urlOf(server).replace(/:\d+\?/, ":9?");
    for (const command of ["fetch", "check", "baseline", "doctor"]) {
      const { code, all } = runWith(user, "MAILONCE_PASSWORD", "gr\\374n", [command, closed]);
      if (command !== "doctor") expect(code, all).toBe(78);
      if (command !== "doctor")
        expect(all).toContain("the password from MAILONCE_PASSWORD is no text in UTF-8");
    }
    const env = { MAILONCE_PASSWORD: `\ufeff${PASSWORD}` };
    expect(await user.run(["fetch", urlOf(server)], { env })).toMatchObject({ code: 0, stderr: "" });
    expect(server.count("PASS")).toBe(1);
  });

  it("that an accounts file names is looked at in the same way", async () => {
    await using user = new User();
    user.write(
      "mailonce.yaml",
      `accounts: { work: { url: "pop3://alice@127.0.0.1:9?tls=none", password: { env: WORK } } }\n`,
    );
    for (const parameters of [["fetch"], ["config", "check", "--secrets"]]) {
      const { code, all } = runWith(user, "WORK", "gr\\374n", parameters);
      expect(code, all).toBe(78);
      expect(all).toContain("the environment variable WORK is no text in UTF-8");
    }
  });

  it.each([
    [
      "MAILONCE_DATABASE_PASSWORD",
      "the database's password",
      { MAILONCE_DATABASE: "mysql://joe@127.0.0.1:9/x" },
    ],
    ["MAILONCE_DATABASE", "the database's URL", {}],
    ["MAILONCE_PROXY_PASSWORD", "the proxy's password", {}],
  ])("of another kind, %s, too", async (variable, what, env) => {
    await using user = new User();
    const proxy = ["--proxy", "socks5://me@127.0.0.1:9"];
    const place = "pop3://alice@127.0.0.1:9?tls=none";
    const { code, all } = runWith(
      user,
      variable,
      "mysql://joe:gr\\374n@127.0.0.1:9/x",
      ["fetch", ...proxy, place],
      {
        MAILONCE_PASSWORD: "secret",
        ...env,
      },
    );
    expect(code, all).toBe(78);
    expect(all).toContain(`${what}: the environment variable ${variable} is no text in UTF-8`);
    expect(all).not.toContain("joe:gr");
  });

  it("may hold the character itself that stands for what is no UTF-8", async () => {
    await using server = await startPop3Server({ password: Buffer.from("a\ufffdb").toString("latin1") });
    await using user = new User();
    const env = { MAILONCE_PASSWORD: "a\ufffdb" };
    expect(await user.run(["fetch", urlOf(server)], { env })).toMatchObject({ code: 0 });
  });
});

it("the key for tokens is told in UTF-16 from no key at all", async () => {
  await using user = new User();
  const key = Buffer.alloc(32, 7).toString("base64");
  user.write(
    "mailonce.yaml",
    `accounts:
  work:
    url: pop3s://joe@mail.example.org
    oauth2: { issuer: "https://127.0.0.1:9", clientId: x }
tokenKey: { file: key }
`,
  );
  writeFileSync(join(user.home, "key"), Buffer.from(`\ufeff${key}\r\n`, "utf16le"), { mode: 0o600 });
  expect(await user.run(["config", "check", "--secrets"])).toMatchObject({
    code: 78,
    stderr: expect.stringContaining("is text in UTF-16"),
  });
});
