import { createHash } from "node:crypto";
import { readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Pop3Server, simpleMail, specialMail, startPop3Server } from "@mailonce/testkit";
import { beforeAll, expect, it } from "vitest";
import { build, type Ended, User } from "./mailonce.ts";

beforeAll(build, 180_000);

const urlOf = (server: Pop3Server): string => `pop3://alice@127.0.0.1:${server.port}?tls=none`;
const octets = (text: string): Uint8Array => Buffer.from(text, "utf8");

/** A reply's last line must end; the server adds what the message lacks. */
function asSent(bytes: Uint8Array): Uint8Array {
  const complete = bytes.length === 0 || Buffer.from(bytes.subarray(-2)).toString() === "\r\n";
  return complete ? bytes : Buffer.concat([bytes, Buffer.from("\r\n")]);
}

async function fetched(server: Pop3Server, user: User, ...more: string[]): Promise<Ended> {
  const ended = await user.run(["fetch", ...more, urlOf(server)]);
  expect({ code: ended.code, stderr: ended.stderr }).toEqual({ code: 0, stderr: "" });
  return ended;
}

it("fetches what is new, once, and leaves it on the server", async () => {
  await using server = await startPop3Server();
  const [first, second] = ["8-bit body", "dots at line starts"].map(
    (name) => specialMail[name]?.() ?? octets(""),
  );
  server.maildrop.deliverAll([first ?? octets(""), second ?? octets("")]);
  await using user = new User();

  expect((await fetched(server, user)).stdout).toMatch(/: 2 messages stored \(.+\), 0 known\.\n$/);
  expect((await fetched(server, user)).stdout).toMatch(/: 0 messages stored, 2 known\.\n$/);
  expect(server.count("RETR")).toBe(2);

  server.maildrop.deliver(specialMail["no final line end"]?.() ?? octets(""));
  const { stdout } = await user.run(["check", urlOf(server)]);
  expect(stdout).toMatch(
    /NUMBER +UNIQUE-ID +DATE +OCTETS +FROM +SUBJECT\n +3 .* No final line end\n.*: 1 new, 2 known\.\n$/,
  );
  expect((await fetched(server, user)).stdout).toMatch(/: 1 message stored \(.+\), 2 known\.\n$/);
  expect(server.count("RETR")).toBe(3);
  expect(server.maildrop.messages).toHaveLength(3);
  expect(server.count("DELE")).toBe(0);
  expect(statSync(user.database).mode & 0o777).toBe(0o600);
});

it("fetches at most as many as it is told, the lowest message numbers first", async () => {
  await using server = await startPop3Server();
  server.maildrop.deliverAll(["a", "b", "c"].map((subject) => octets(`Subject: ${subject}\r\n\r\n`)));
  await using user = new User();
  expect((await fetched(server, user, "--limit", "2")).stdout).toMatch(
    /: 2 messages stored .*, 1 more new\.\n$/,
  );
  expect(server.sessions.flatMap(({ retrieved }) => retrieved)).toEqual([1, 2]);
  expect((await fetched(server, user, "--limit", "2")).stdout).toMatch(/: 1 message stored .*, 2 known\.\n$/);
});

it("takes the password from standard input, less one line end", async () => {
  await using server = await startPop3Server({ password: " with space " });
  await using user = new User();
  for (const stdin of [" with space ", " with space \n", " with space \r\n"]) {
    const { code } = await user.run(["check", "--password-stdin", urlOf(server)], { stdin });
    expect(code).toBe(0);
  }
  const endless = await user.run(["check", "--password-stdin", urlOf(server)], {
    stdin: "x".repeat(100_000),
  });
  expect(endless).toMatchObject({ code: 78, stderr: expect.stringContaining("too long for a password") });
});

it("lists newest first, shows by short id and by the beginning of the whole id", async () => {
  await using server = await startPop3Server();
  const date = new Date("2026-05-01T12:34:56Z");
  const to = "alice@example.org";
  server.maildrop.deliver(
    simpleMail({ from: "Bob <b@example.com>", to, subject: "Older", date, body: "old" }),
  );
  server.maildrop.deliver(
    simpleMail({
      from: "Jörg Öß <j@example.de>",
      to,
      subject: "Größe 42: 日本",
      date,
      body: "Grüße\n",
      attachments: [{ name: "bill.pdf", type: "application/pdf", bytes: octets("%PDF") }],
    }),
  );
  await using user = new User();
  await fetched(server, user, "--maildrop", "work");

  const { stdout } = await user.run(["list"]);
  const [head, newer = "", older = ""] = stdout.split("\n");
  expect(head).toMatch(/^ID +DATE +OCTETS +FROM +SUBJECT$/);
  expect(newer).toMatch(/^[0-9a-f]{12} {2}2026-05-01 12:34 .*Jörg Öß <j@example\.de> +Größe 42: 日本$/);
  expect(older).toMatch(/Older$/);

  const [message] = (await user.run(["list", "--json", "--limit", "1"])).json;
  const stored = server.maildrop.messages[1]?.bytes ?? octets("");
  expect(message).toMatchObject({
    type: "message",
    maildrop: "work",
    subject: "Größe 42: 日本",
    octets: stored.length,
    sha256: createHash("sha256").update(stored).digest("hex"),
    date: "2026-05-01T12:34:56.000Z",
  });
  const id = String(message?.["id"]);

  for (const name of [
    newer.slice(0, 12),
    id,
    id.toUpperCase(),
    id.replaceAll("-", "").slice(0, 30),
    id.slice(0, 30),
  ]) {
    const shown = await user.run(["show", name]);
    expect(shown.stdout).toContain("Subject: Größe 42: 日本\n");
    expect(shown.stdout).toContain("\nGrüße\n");
    expect(shown.stdout).toContain("attachment 2 bill.pdf (application/pdf, 4 B)");
  }
  expect((await user.run(["show", "--raw", id])).octets.equals(stored)).toBe(true);
  expect((await user.run(["show", "--json", id])).json).toMatchObject([
    {
      type: "message",
      id,
      text: expect.stringContaining("Grüße"),
      attachments: [{ filename: "bill.pdf", octets: 4 }],
    },
  ]);
  expect(await user.run(["show", "0"])).toMatchObject({
    code: 2,
    stderr: expect.stringContaining("more than one"),
  });
  expect(await user.run(["show", "ffffffff"])).toMatchObject({
    code: 2,
    stderr: expect.stringContaining("no message"),
  });
  expect(await user.run(["show", "xyz"])).toMatchObject({
    code: 2,
    stderr: expect.stringContaining("digits"),
  });
});

it("makes the terminal escapes of hostile mail harmless, in every command", async () => {
  await using server = await startPop3Server();
  const evil = "\u001b]0;owned\u0007\u001b[2J\u009b31m\u202e";
  const body = `Content-Type: text/html; charset=utf-8\r\n\r\n<style>p{}</style><p>Hello&#27;[2J</p>${evil}`;
  server.maildrop.deliver(octets(`From: ${evil}\r\nSubject: ${evil}x\r\n${body}`), {
    uniqueId: `u${evil.slice(0, 9)}`,
  });
  server.faults = [{ at: { verb: "UIDL", connection: 9 }, do: "reply", text: `-ERR ${evil}` }];
  await using user = new User();
  const shown: Ended[] = [
    await user.run(["check", urlOf(server)]),
    await user.run(["check", "--json", urlOf(server)]),
  ];
  shown.push(await fetched(server, user), await user.run(["list"]), await user.run(["list", "--json"]));
  const id = shown[3]?.stdout.split("\n")[1]?.slice(0, 12) ?? "";
  shown.push(await user.run(["show", id]), await user.run(["show", "--json", id]));
  server.greeting = `-ERR ${evil}`;
  shown.push(await user.run(["fetch", urlOf(server)]));
  for (const { stdout, stderr } of shown) {
    expect((stdout + stderr).replaceAll("\n", "")).not.toMatch(/[\p{Cc}\p{Cf}]/u);
  }
  expect(shown[5]?.stdout).toContain("Hello");
  expect(shown[5]?.stdout).not.toContain("p{}");
});

it("exports each message to a file of its own, exactly as it is, and overwrites nothing", async () => {
  await using server = await startPop3Server();
  server.maildrop.deliverAll(Object.values(specialMail).map((make) => make()));
  await using user = new User();
  await fetched(server, user);
  const first = await user.run(["export", "--to", "backup"]);
  expect(first).toMatchObject({ code: 0, stderr: "" });
  const files = readdirSync(join(user.home, "backup"));
  const hash = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");
  expect(files.map((name) => hash(user.file(`backup/${name}`))).sort()).toEqual(
    server.maildrop.messages.map(({ bytes }) => hash(asSent(bytes))).sort(),
  );
  expect(files.every((name) => /^\d{8}-[0-9a-f-]{36}\.eml$/.test(name))).toBe(true);

  const [one = ""] = files;
  writeFileSync(join(user.home, "backup", one), "something else");
  const second = await user.run(["export", "--to", "backup"]);
  expect(second).toMatchObject({ code: 73, stderr: expect.stringContaining(one) });
  expect(user.file(`backup/${one}`).toString()).toBe("something else");

  const third = await user.run(["export", "--json", "--to", "other", "--limit", "1", urlOf(server)]);
  expect(third.json).toMatchObject([
    { type: "message", status: "written", file: expect.stringContaining("other") },
    { type: "exported", format: "eml", path: expect.stringContaining("other"), written: 1, present: 0 },
  ]);
  expect((await user.run(["export", "--to", "other", "--limit", "1"])).stdout).toMatch(
    /^0 messages written to .*, 1 there already\./,
  );
  expect(await user.run(["export", "--to", `backup/${one}/x`])).toMatchObject({ code: 73 });
  expect(await user.run(["export", "--to", "none", "pop3s://nobody@example.org"])).toMatchObject({
    code: 0,
    stdout: expect.stringContaining("0 messages written"),
  });
});

it("reads nothing where there is no database, and makes none", async () => {
  await using user = new User();
  for (const parameters of [["list"], ["list", "--json"], ["export", "--to", "x"]]) {
    const ended = await user.run(parameters);
    expect(ended).toMatchObject({ code: 0, stdout: "", stderr: expect.stringContaining("no database yet") });
  }
  expect(readdirSync(user.home)).toEqual([]);
});

it("helps: every command, its exit codes, the environment", async () => {
  await using user = new User();
  const main = await user.run(["--help"]);
  expect(main.code).toBe(0);
  const commands = ["fetch", "check", "baseline", "deferred", "list", "show", "export"];
  for (const word of [...commands, "MAILONCE_DATABASE", "MAILONCE_PASSWORD"]) {
    expect(main.stdout).toContain(word);
  }
  for (const word of ["list", "retry", "drop", "--max-octets"])
    expect((await user.run(["deferred", "--help"])).stdout).toContain(word);
  expect((await user.run(["baseline", "--help"])).stdout).toContain("--wait");
  const fetch = await user.run(["fetch", "--help"]);
  for (const option of ["--password-stdin", "--wait", "--max-octets"]) expect(fetch.stdout).toContain(option);
  expect(fetch.stdout).toMatch(/Exit codes:\n +0 {2}done/);
  expect((await user.run(["--version"])).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  expect(await user.run([])).toMatchObject({
    code: 2,
    stdout: "",
    stderr: expect.stringContaining("Usage:"),
  });
});
