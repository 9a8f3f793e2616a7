import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, renameSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { InMemorySpool } from "@mailonce/core/memory";
import { fetchAccount, openDatabase } from "@mailonce/runtime";
import { accountOf, parseAccountUrl } from "@mailonce/runtime/config";
import { findProgram, sampleMail, specialMail, startDovecot, startPop3Server } from "@mailonce/testkit";
import { beforeAll, expect, it } from "vitest";
import { build, type Ended, User } from "./mailonce.ts";

beforeAll(build, 180_000);

const QUOTED = Buffer.from(
  "Return-Path: <ann@example.org>\r\nFrom: Ann <ann@example.org>\r\nDate: Sat, 2 May 2026 03:04:05 +0000\r\n" +
    "Subject: from the old days\r\n\r\nFrom here on\r\n>From there on\r\n\r\nFrom ann Sat May  2 03:04:05 2026\r\nend\r\n",
);

const hash = (octets: Uint8Array): string => createHash("sha256").update(octets).digest("hex");
const sorted = (texts: readonly string[]): string[] => texts.toSorted((a, b) => (a < b ? -1 : 1));
const asText = (octets: Uint8Array): string => Buffer.from(octets).toString("latin1");

/** As it stands in Maildir and mbox. */
function inUnixLines(octets: Uint8Array): string {
  return asText(octets).replaceAll("\r\n", "\n");
}

/** Fetches the mail into the user's database. @returns the octets that are stored */
async function stored(user: User, mail: readonly Uint8Array[]): Promise<readonly Buffer[]> {
  await using server = await startPop3Server();
  server.maildrop.deliverAll(mail);
  const url = `pop3://alice@127.0.0.1:${server.port}?tls=none`;
  expect(await user.run(["fetch", "--maildrop", "a", url])).toMatchObject({ code: 0 });
  await user.run(["export", "--to", "as-it-is"]);
  return readdirSync(join(user.home, "as-it-is")).map((name) => user.file(`as-it-is/${name}`));
}

/** Runs Python on a program and a file of the user's; gives what it writes as JSON. */
function python(program: string, path: string): unknown {
  return JSON.parse(
    execFileSync(findProgram("python3") ?? "python3", ["-c", program, path], {
      encoding: "utf8",
      maxBuffer: 1 << 28,
    }),
  );
}

/** How many messages mutt finds in a mailbox. */
function countedByMutt(user: User, mailbox: string): number {
  const settings = ['set folder=/ status_format="found %m messages" quit=yes delete=no', 'push "<exit>"'];
  const words = [
    ...["mutt", "-n", "-F", "/dev/null", "-R", "-f", join(user.home, mailbox)],
    ...settings.flatMap((command) => ["-e", command]),
  ];
  // It wants a terminal.
  const screen = execFileSync("script", ["-qefc", words.map((word) => `'${word}'`).join(" "), "/dev/null"], {
    env: { ...process.env, HOME: user.home, TERM: "xterm" },
    stdio: ["ignore", "pipe", "ignore"],
    encoding: "latin1",
    timeout: 60_000,
  });
  return Number(/found (\d+) messages/.exec(screen)?.[1]);
}

const MBOX_READER = `
import json, mailbox, sys
box = mailbox.mbox(sys.argv[1])
print(json.dumps([box.get_bytes(key).decode("latin-1") for key in box.keys()]))`;

const MAILDIR_READER = `
import json, mailbox, sys
box = mailbox.Maildir(sys.argv[1], factory=None)
print(json.dumps([box.get_bytes(key).decode("latin-1") for key in box.keys()]))`;

it("writes an mbox that Python and mutt read as what is stored", async () => {
  await using user = new User();
  const mail = [...sampleMail(40), ...Object.values(specialMail).map((make) => make()), QUOTED];
  const octets = await stored(user, mail);
  const ended = await user.run(["export", "--format", "mbox", "--to", "all.mbox"]);
  expect(ended).toMatchObject({
    code: 0,
    stderr: "",
    stdout: expect.stringContaining(`${octets.length} messages`),
  });
  expect(statSync(join(user.home, "all.mbox")).mode & 0o777).toBe(0o600);
  const read = python(MBOX_READER, join(user.home, "all.mbox")) as string[];
  expect(sorted(read.map((each) => each.replace(/(?<![^\n])>(>*From )/g, "$1")))).toEqual(
    sorted(octets.map((each) => inUnixLines(each)).map((each) => (/\n$|^$/.test(each) ? each : `${each}\n`))),
  );
  expect(user.file("all.mbox").toString("latin1")).toContain(
    "From ann@example.org Sat May  2 03:04:05 2026\n",
  );
  expect(countedByMutt(user, "all.mbox")).toBe(octets.length);

  const toOutput = await user.run(["export", "--format", "mbox", "--to", "-"]);
  expect(toOutput.octets.equals(user.file("all.mbox"))).toBe(true);
  const again = await user.run(["export", "--format", "mbox", "--to", "all.mbox"]);
  expect(again).toMatchObject({ code: 73, stdout: "", stderr: expect.stringContaining("all.mbox") });
  expect(toOutput.octets.equals(user.file("all.mbox"))).toBe(true);
  expect(readdirSync(user.home).filter((name) => name.endsWith(".tmp"))).toEqual([]);
}, 180_000);

it("writes a Maildir that Python, mutt and Dovecot read as what is stored, and delivers nothing into it twice", async () => {
  await using user = new User();
  // What has no line end but CRLF comes back from a server as it was.
  const mail = [...sampleMail(60, 1, { special: false }), QUOTED];
  const octets = await stored(user, mail);
  const run = (): Promise<Ended> => user.run(["export", "--format", "maildir", "--to", "box"]);
  expect(await run()).toMatchObject({ code: 0, stderr: "" });
  const box = join(user.home, "box");
  expect(sorted(python(MAILDIR_READER, box) as string[])).toEqual(sorted(octets.map(inUnixLines)));
  expect(countedByMutt(user, "box")).toBe(octets.length);

  await using dovecot = await startDovecot();
  rmSync(dovecot.maildir("alice"), { recursive: true });
  execFileSync("cp", ["-R", box, dovecot.maildir("alice")]);
  if (process.getuid?.() === 0) execFileSync("chown", ["-R", "65534:65534", dovecot.maildir("alice")]);
  await using store = await openDatabase(`sqlite:${join(user.home, "again.sqlite")}`, {});
  const account = accountOf(parseAccountUrl(`pop3s://alice@localhost:${dovecot.pop3sPort}`), "again");
  const fetch = fetchAccount({
    account,
    credentials: { user: "alice", password: "secret" },
    tls: { ca: readFileSync(dovecot.caFile, "utf8") },
    store,
    spool: new InMemorySpool(),
  });
  for await (const _ of fetch);
  expect(fetch.report).toMatchObject({ ending: "done" });
  const digests: string[] = [];
  for await (const { sha256 } of store.messages()) digests.push(Buffer.from(sha256).toString("hex"));
  expect(sorted(digests)).toEqual(sorted(octets.map(hash)));
  // Dovecot has moved them to cur, with flags; a run over them writes none again.
  for (const name of readdirSync(join(box, "new")))
    renameSync(join(box, "new", name), join(box, "cur", `${name}:2,RS`));
  expect((await run()).stdout).toMatch(/^0 messages written to .*, 61 there already\.\n$/);
  expect(readdirSync(join(box, "new"))).toEqual([]);
  expect(readdirSync(join(box, "tmp"))).toEqual([]);
}, 180_000);

it("writes a line of JSON for each message: what is known of it, what is in it, and its octets if they are wanted", async () => {
  await using user = new User();
  const octets = await stored(user, [...Object.values(specialMail).map((make) => make()), QUOTED]);
  await user.run(["index"]);
  const { json, code } = await user.run(["export", "--format", "jsonl", "--raw", "--to", "-"]);
  expect(code).toBe(0);
  expect(sorted(json.map(({ raw }) => hash(Buffer.from(String(raw), "base64"))))).toEqual(
    sorted(octets.map(hash)),
  );
  const listed = await user.run(["list", "--json", "--sort", "stored"]);
  expect(json.map(({ raw, content, ...rest }) => rest)).toEqual(listed.json);
  expect(json.find(({ subject }) => subject === "from the old days")).toMatchObject({
    content: {
      text: expect.stringContaining("From here on\n>From there on"),
      html: null,
      addresses: [{ role: "from", address: "ann@example.org", name: "Ann" }],
      parts: [
        { number: "1", mimeType: "text/plain", use: "text", sha256: expect.stringMatching(/^[0-9a-f]{64}$/) },
      ],
    },
  });
  const without = await user.run(["export", "--format", "jsonl", "--to", "all.jsonl", "--json"]);
  expect(without.json.at(-1)).toMatchObject({
    type: "exported",
    format: "jsonl",
    written: octets.length,
    present: 0,
  });
  const lines = user.file("all.jsonl").toString().trimEnd().split("\n");
  expect(lines.map((line) => JSON.parse(line))).toEqual(json.map(({ raw, ...rest }) => rest));
});

it("exports what a query finds, and of that only what is new, in every format", async () => {
  await using user = new User();
  const note = (subject: string): Uint8Array => Buffer.from(`Subject: ${subject}\r\n\r\nx\r\n`);
  await stored(user, [note("invoice one"), note("other"), note("invoice two")]);
  await Promise.all(
    ["eml", "maildir", "mbox", "jsonl"].map(async (format) => {
      const found = ["export", "--format", format, "--where", "subject:invoice"];
      expect((await user.run([...found, "--to", `${format}-found`])).stdout).toMatch(/^2 messages written/);
      const more = ["--to", `${format}-new`, "--new", format];
      expect((await user.run([...found, ...more, "--limit", "1"])).stdout).toMatch(/^1 message written/);
      expect((await user.run([...found, ...more])).stdout).toMatch(/^1 message written/);
      const all = await user.run(["export", "--format", format, ...more, "--json"]);
      expect(all.json).toMatchObject([{ subject: "other" }, { type: "exported", written: 1 }]);
      expect((await user.run(["export", "--format", format, ...more])).stdout).toMatch(/^0 messages written/);
    }),
  );
  expect(
    user
      .file("mbox-new")
      .toString()
      .match(/^Subject: .*$/gm),
  ).toEqual([expect.stringMatching(/invoice/), expect.stringMatching(/invoice/), "Subject: other"]);
}, 180_000);
