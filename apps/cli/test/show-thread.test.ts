import { startPop3Server } from "@mailonce/testkit";
import { beforeAll, expect, it } from "vitest";
import { build, User } from "./mailonce.ts";
import { TerminalSession } from "./terminal-session.ts";

beforeAll(build, 180_000);

/** A mail of that day in May, with these fields besides. */
function mail(day: number, subject: string, ...fields: readonly string[]): Uint8Array {
  const all = [
    "From: Ann <ann@example.org>",
    `Date: ${day} May 2026 10:00 +0000`,
    `Subject: ${subject}`,
    ...fields,
  ];
  return Buffer.from(`${all.join("\r\n")}\r\n\r\n${subject}\r\n`);
}

async function fetched(user: User, maildrop: string, mails: readonly Uint8Array[]): Promise<void> {
  await using server = await startPop3Server();
  server.maildrop.deliverAll(mails);
  const url = `pop3://alice@127.0.0.1:${server.port}?tls=none`;
  expect(await user.run(["fetch", "--apart", "--maildrop", maildrop, url])).toMatchObject({ code: 0 });
}

async function idOf(user: User, subject: string): Promise<string> {
  const { json } = await user.run(["list", "--json"]);
  return String(json.find((line) => line["subject"] === subject)?.["id"]);
}

const TALK = [
  mail(3, "Re: Re: plan", "Message-ID: <c@x>", "In-Reply-To: <b@x>", "References: <a@x>\r\n <b@x>"),
  mail(1, "plan", "Message-ID: <a@x>"),
  mail(2, "Re: plan", "Message-ID: <b@x>", "In-Reply-To: <a@x>"),
  mail(4, "Re: plan, too", "Message-ID: <d@x>", "In-Reply-To: Your message <a@x>"),
  mail(5, "nothing to do with it", "Message-ID: <A@x>"),
];

it("shows the conversation of a message as a tree, oldest first, and marks the message", async () => {
  await using user = new User();
  await fetched(user, "work", TALK);
  await user.run(["index"]);
  const { code, stdout, stderr } = await user.run(["show", await idOf(user, "Re: plan"), "--thread"]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  const [head, ...lines] = stdout.trimEnd().split("\n");
  expect(head).toMatch(/^ +ID +DATE +OCTETS +FROM +SUBJECT$/);
  expect(lines.map((line) => line.replace(/^(.).*example\.org> +?(?= {2})/, "$1"))).toEqual([
    expect.stringMatching(/^ {1,}plan$/),
    expect.stringMatching(/^> +Re: plan$/),
    expect.stringMatching(/^ +Re: Re: plan$/),
    expect.stringMatching(/^ +Re: plan, too$/),
  ]);
  const subjects = stdout.split("\n").map((line) => line.search(/(Re: )*plan/));
  const [, top = 0] = subjects;
  expect(subjects.slice(1, 5)).toEqual([top, top + 2, top + 4, top + 2]);
});

it("gives programs the depth of each message, and what it answers", async () => {
  await using user = new User();
  await fetched(user, "work", TALK);
  const id = await idOf(user, "plan");
  const before = await user.run(["show", id, "--thread"]);
  expect(before.stderr).toBe("5 messages not read yet may belong to it: run 'mailonce index'\n");
  expect(before.stdout.trimEnd().split("\n")).toHaveLength(2);
  await user.run(["index"]);
  const answer = await idOf(user, "Re: plan");
  const { json } = await user.run(["show", answer, "--thread", "--json"]);
  expect(json).toMatchObject([
    { type: "message", subject: "plan", id, depth: 0, parent: null, copyOf: null, asked: false },
    { subject: "Re: plan", depth: 1, parent: id, asked: true },
    { subject: "Re: Re: plan", depth: 2, parent: answer, asked: false },
    { subject: "Re: plan, too", depth: 1, parent: id },
    { type: "thread", missing: null, cut: false, unread: 0 },
  ]);
});

it("goes over all maildrops, and says what is not stored or stored twice", async () => {
  await using user = new User();
  const copy = mail(2, "Re: talk", "Message-ID: <b@x>", "References: <\u001b[31mgone@x>");
  await fetched(user, "work", [copy]);
  await fetched(user, "home", [copy, mail(3, "Re: Re: talk", "References: <\u001b[31mgone@x> <b@x>")]);
  await user.run(["index"]);
  const { stdout } = await user.run(["show", await idOf(user, "Re: Re: talk"), "--thread"]);
  expect(stdout.split("\n")).toEqual([
    expect.stringMatching(/^ {3}ID {12}ACC…/),
    "not stored: <\ufffd[31mgone@x>",
    expect.stringMatching(/^ {3}[0-9a-f]{12} {2}work .* {2}Re: talk$/),
    expect.stringMatching(/^= {2}[0-9a-f]{12} {2}home .* {2}Re: talk$/),
    expect.stringMatching(/^> {2}[0-9a-f]{12} {2}home .* {4}Re: Re: talk$/),
    "",
  ]);
  const terminal = new TerminalSession(user, ["show", await idOf(user, "Re: talk"), "--thread"]);
  expect(await terminal.ended).toBe(0);
  expect(terminal.output).toContain("not stored: <\ufffd[31mgone@x>");
  expect(terminal.output).not.toContain("\u001b[31m");
});

it("goes with no other form of the message", async () => {
  await using user = new User();
  for (const other of [["--raw"], ["--html"], ["--part", "1"], ["--to", "x"], ["--attachments", "."]]) {
    const { code, stdout, stderr } = await user.run(["show", "1f0c", "--thread", ...other]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toMatch(
      /^[^\n]*'--thread' cannot be used with option '--[a-z]+[^\n]*\nTry: mailonce show --help\n$/,
    );
  }
});
