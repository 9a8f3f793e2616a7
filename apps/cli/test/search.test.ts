import { readContent } from "@mailonce/content";
import { headerEnd } from "@mailonce/core";
import { messageTokens } from "@mailonce/core/search";
import { openDatabaseToChange } from "@mailonce/runtime";
import { startPop3Server } from "@mailonce/testkit";
import { beforeAll, expect, it } from "vitest";
import { build, User } from "./mailonce.ts";
import { TerminalSession } from "./terminal-session.ts";

beforeAll(build, 180_000);

const mail = (subject: string, text: string): Uint8Array =>
  Buffer.from(
    `From: Ann <ann@example.org>\r\nDate: 2 May 2026 10:00 +0000\r\nSubject: ${subject}\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n${text}\r\n`,
  );

async function fetched(user: User, maildrop: string, mails: readonly Uint8Array[]): Promise<void> {
  await using server = await startPop3Server();
  server.maildrop.deliverAll(mails);
  const url = `pop3://alice@127.0.0.1:${server.port}?tls=none`;
  expect(await user.run(["fetch", "--apart", "--maildrop", maildrop, url])).toMatchObject({ code: 0 });
}

/** Reads what was fetched. */
async function read(user: User): Promise<void> {
  await using store = await openDatabaseToChange(`sqlite:${user.database}`, {});
  if (store === null) throw new Error("There is no database.");
  const claimed = await store.contents.claim({
    parser: 1,
    limit: 1000,
    token: "t",
    ttlMs: 60_000,
    exact: true,
  });
  for (const { id } of claimed) {
    const parts: Uint8Array[] = [];
    for await (const part of store.content(id)) parts.push(part);
    const octets = Buffer.concat(parts);
    const { text, preview } = readContent(octets);
    const tokens = messageTokens({ block: octets.subarray(0, headerEnd(octets)), text, fileNames: [] });
    const rest = { textCut: false, html: null, hasAttachment: false, inReplyTo: null };
    await store.contents.save("t", [
      { id, parser: 1, text, preview, ...rest, references: [], faults: [], parts: [], addresses: [], tokens },
    ]);
  }
}

it("finds stored messages by their words, those stored last first, and shows where", async () => {
  await using user = new User();
  await fetched(user, "work", [
    mail("first", "The invoice of the month is due.\nPlease pay."),
    mail("second", "Nothing here."),
    mail("third", "Zwei Gr\u00fc\u00dfe und eine INVOICE."),
  ]);
  await read(user);
  const { code, stdout, stderr } = await user.run(["search", "invoice"]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  const [head, third, snippet, first, other, ...rest] = stdout.trimEnd().split("\n");
  expect(head).toMatch(/^ID +DATE +OCTETS +FROM +SUBJECT$/);
  expect(third).toMatch(/2026-05-02 10:00 .*third$/);
  expect(snippet).toBe("    Zwei Gr\u00fc\u00dfe und eine INVOICE.");
  expect(first).toMatch(/first$/);
  expect(other).toBe("    The invoice of the month is due. Please pay.");
  expect(rest).toEqual([]);
  expect((await user.run(["search", "grusse"])).stdout).toContain("third");
  expect((await user.run(["search", "invoice", "NOT", "month"])).stdout).not.toContain("first");
  expect((await user.run(["search", '"invoice of the month"'])).stdout).toContain("first");
  expect(await user.run(["search", "nowhere"])).toMatchObject({
    code: 0,
    stdout: "",
    stderr: "No message is found.\n",
  });
});

it("goes on where it left off, also for programs", async () => {
  await using user = new User();
  await fetched(
    user,
    "work",
    Array.from({ length: 5 }, (_, at) => mail(`m${at}`, "a word")),
  );
  await read(user);
  const { json } = await user.run(["search", "word", "--limit", "2", "--json"]);
  expect(json).toMatchObject([
    { type: "message", subject: "m4", snippet: { text: "a word", hits: [{ start: 2, end: 6 }] } },
    { type: "message", subject: "m3" },
    { type: "search", query: "word", next: expect.stringMatching(/^w[0-9a-f]{32}$/), unread: 0 },
  ]);
  const next = String(json.at(-1)?.["next"]);
  const rest = await user.run(["search", "word", "--after", next, "--json"]);
  expect(rest.json.map(({ subject }) => subject)).toEqual(["m2", "m1", "m0", undefined]);
  expect(rest.json.at(-1)).toMatchObject({ next: null });
  const people = await user.run(["search", "word", "--limit", "2"]);
  expect(people.stderr).toBe(`There may be more; go on with --after ${next}\n`);
  expect(await user.run(["search", "word", "--after", "x"])).toMatchObject({ code: 2, stdout: "" });
});

it("gives the best first, if it is asked to", async () => {
  await using user = new User();
  await fetched(user, "work", [
    mail("the invoice", "please pay"),
    mail("often", "invoice, invoice, and one more invoice"),
    mail("once", "one invoice"),
    mail("other", "nothing"),
  ]);
  await read(user);
  const subjects = async (...more: string[]): Promise<unknown> =>
    (await user.run(["search", "invoice", "--json", ...more])).json.map(({ subject }) => subject);
  expect(await subjects()).toEqual(["once", "often", "the invoice", undefined]);
  expect(await subjects("--best")).toEqual(["the invoice", "often", "once", undefined]);
  const people = await user.run(["search", "--best", "invoice", "--limit", "1"]);
  const [, after = ""] = /go on with --best --after (\S+)\n$/.exec(people.stderr) ?? [];
  expect(await subjects("--best", "--after", after)).toEqual(["often", "once", undefined]);
  expect(await user.run(["search", "invoice", "--after", after])).toMatchObject({ code: 2, stdout: "" });
});

it("lists what a query finds, and says what could not be looked at", async () => {
  await using user = new User();
  await fetched(user, "work", [mail("one", "read")]);
  await fetched(user, "home", [mail("two", "read"), mail("three", "not read")]);
  const listed = async (...more: string[]): Promise<unknown> =>
    (await user.run(["list", "--json", ...more])).json.map(({ subject }) => subject);
  expect(await listed("--where", "subject:t*")).toEqual(["three", "two"]);
  expect(await listed("--where", "octets:>0", "home")).toEqual(["three", "two"]);
  const unread = await user.run(["list", "--where", "read"]);
  expect(unread).toMatchObject({
    code: 0,
    stdout: "",
    stderr: "3 messages not read yet cannot be found: run 'mailonce index'\nNo message matches.\n",
  });
  await read(user);
  expect(await listed("--where", 'read NOT "not read"')).toEqual(["two", "one"]);
  expect(await listed("--where", "read in:home", "--limit", "1")).toEqual(["three"]);
  const found = await user.run(["search", "--maildrop", "work", "read"]);
  expect(found.stdout).toContain("one");
  expect(found.stdout).not.toContain("two");
});

it("says where a query cannot be read", async () => {
  await using user = new User();
  await fetched(user, "work", [mail("one", "text")]);
  for (const command of [["search"], ["list", "--where"]]) {
    const { code, stdout, stderr } = await user.run([...command, "has:nothing"]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain("has:attachment");
    expect(stderr).toMatch(/\n {2}has:nothing\n {6}\^\nTry: mailonce \w+ --help\n$/);
  }
  expect(await user.run(["fetch", "--where", "invoice", "pop3://a@127.0.0.1:1?tls=none"])).toMatchObject({
    code: 2,
    stderr: expect.stringContaining("for mail that is stored: mailonce search"),
  });
});

it("marks what was found on a terminal, and lets no text command it", async () => {
  await using user = new User();
  await fetched(user, "work", [
    mail("one", `${"long before ".repeat(30)}needle \u001b[31m\u202eafter${" long".repeat(50)}`),
    mail("two", "\u6771\u4eac\u90fd\u306e".repeat(60)),
  ]);
  await read(user);
  const terminal = new TerminalSession(user, ["search", "needle OR 東京"]);
  expect(await terminal.ended).toBe(0);
  const shown = terminal.output;
  expect(shown).toContain("\u001b[1mneedle\u001b[22m \ufffd[31m\ufffdafter");
  expect(shown).toContain("\u001b[1m\u6771\u4eac\u001b[22m");
  for (const command of ["\u001b[31m", "\u202e"]) expect(shown).not.toContain(command);
});
