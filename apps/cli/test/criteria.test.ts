import { writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  type Dovecot,
  type Pop3Server,
  simpleMail,
  startDovecot,
  startMariaDb,
  startPop3Server,
} from "@mailonce/testkit";
import { beforeAll, describe, expect, it } from "vitest";
import { build, type Ended, User } from "./mailonce.ts";

beforeAll(build, 180_000);

/** Twenty messages of about 4 kB: every fifth is an invoice, every second is from a list. */
const MAIL: readonly Uint8Array[] = Array.from({ length: 20 }, (_, n) =>
  simpleMail({
    from: n % 2 === 0 ? '"Dev list" <dev@lists.example.org>' : "Ann <ann@example.com>",
    to: "alice@example.org",
    subject: n % 5 === 0 ? `Your Inv\u00f6ice ${n}` : `Report ${n}`,
    body: "x"
      .repeat(76)
      .concat("\n")
      .repeat(50 + n),
    date: new Date(Date.UTC(2026, 0, 1 + n)),
  }),
);
const INVOICES = "subject:invöice*";

const urlOf = (server: Pop3Server): string => `pop3://alice@127.0.0.1:${server.port}?tls=none`;

/** The commands of the last session that are about messages, in order. */
function asked(server: Pop3Server): readonly string[] {
  return server.sessions.at(-1)?.commands.filter((command) => /^(?:TOP|RETR) /.test(command)) ?? [];
}

/** What the last session that Dovecot has logged was sent: how often, and how many octets. */
function sent(dovecot: Dovecot): {
  readonly top: number;
  readonly topOctets: number;
  readonly retr: number;
  readonly retrOctets: number;
} {
  const [, top, topOctets, retr, retrOctets] =
    [...dovecot.log().matchAll(/top=(\d+)\/(\d+), retr=(\d+)\/(\d+)/g)].at(-1)?.map(Number) ?? [];
  return { top: top ?? -1, topOctets: topOctets ?? -1, retr: retr ?? -1, retrOctets: retrOctets ?? -1 };
}

describe.each(["SQLite", "MariaDB"] as const)("on a real Dovecot, into %s", (kind) => {
  it("asks for one header each, downloads what is wanted, and asks again only what it skipped", async () => {
    await using dovecot = await startDovecot();
    await dovecot.deliver("alice", MAIL);
    await using mariadb = kind === "MariaDB" ? await startMariaDb() : undefined;
    const database = await mariadb?.createDatabase();
    await using user = new User();
    const env = { MAILONCE_DATABASE: database?.mariadbUrl };
    const url = `pop3s://alice@localhost:${dovecot.pop3sPort}`;
    const run = async (...parameters: string[]): Promise<Ended> => {
      const ended = await user.run([...parameters, "--json", "--ca", dovecot.caFile, url], { env });
      expect({ code: ended.code, stderr: ended.stderr }).toEqual({ code: 0, stderr: "" });
      return ended;
    };
    const counts = (ended: Ended): unknown => ended.json.at(-1)?.["counts"];

    const check = await run("check", "--where", INVOICES);
    expect(counts(check)).toMatchObject({ new: 4, skipped: 16 });
    expect(sent(dovecot)).toMatchObject({ top: 20, retr: 0 });

    // One message proves that TOP can be believed: the smallest, here an invoice.
    const first = await run("fetch", "--where", INVOICES);
    expect(counts(first)).toMatchObject({ stored: 4, skipped: 16, known: 0 });
    expect(sent(dovecot)).toMatchObject({ top: 20, retr: 4 });
    const { topOctets, retrOctets } = sent(dovecot);
    expect(topOctets).toBeLessThan(20 * 700);
    expect(retrOctets).toBeLessThan(4 * 6000);

    const again = await run("fetch", "--where", `  (subject:INVÖICE* ) `);
    expect(counts(again)).toMatchObject({ stored: 0, skipped: 0, known: 20 });
    expect(sent(dovecot)).toMatchObject({ top: 0, topOctets: 0, retr: 0, retrOctets: 0 });

    const changed = await run("fetch", "--where", `${INVOICES} OR from:*@example.com`);
    expect(counts(changed)).toMatchObject({ stored: 8, skipped: 8, known: 4 });
    expect(sent(dovecot)).toMatchObject({ top: 16, retr: 8 });

    await dovecot.deliver("alice", MAIL.slice(0, 1));
    const octets = await run("fetch", "--where", "octets:<1k");
    expect(counts(octets)).toMatchObject({ stored: 0, skipped: 9, known: 12 });
    expect(sent(dovecot)).toMatchObject({ top: 0, retr: 0 });

    const all = await run("fetch");
    expect(counts(all)).toMatchObject({ stored: 9, skipped: 0, known: 12 });
    expect(sent(dovecot)).toMatchObject({ top: 0, retr: 9 });
    expect((await user.run(["list", "--json"], { env })).json).toHaveLength(21);
  });
});

describe("on a scripted server", () => {
  it("sends one TOP for each undecided message, no RETR for a skipped one, nothing for a decided one", async () => {
    await using server = await startPop3Server();
    server.maildrop.deliverAll(MAIL.slice(0, 6));
    await using user = new User();
    const fetch = (...more: string[]): Promise<Ended> => user.run(["fetch", ...more, urlOf(server)]);

    expect((await fetch("--where", "subject:report")).stdout).toMatch(
      /: 4 messages stored .*, 0 known, 2 skipped\.\n$/,
    );
    // Message 1, the smallest, is retrieved to prove TOP, and then skipped.
    expect(asked(server).slice(0, 2)).toEqual(["RETR 1", "TOP 1 0"]);
    expect(asked(server).slice(2)).toEqual(
      [2, 3, 4, 5, 6].map((n) => `TOP ${n} 0`).concat(["RETR 2", "RETR 3", "RETR 4", "RETR 5"]),
    );
    const octetsBefore = server.sessions.at(-1)?.octetsSent ?? 0;

    expect((await fetch("--where", "subject:report")).stdout).toMatch(/: 0 messages stored, 6 known\.\n$/);
    expect(asked(server)).toEqual([]);
    // Login, CAPA and the listing, and no more.
    expect(server.sessions.at(-1)?.octetsSent ?? octetsBefore).toBeLessThan(1000);

    server.maildrop.deliver(MAIL[7] ?? new Uint8Array());
    server.maildrop.deliver(MAIL[10] ?? new Uint8Array());
    await fetch("--where", "subject:report");
    expect(asked(server)).toEqual(["TOP 7 0", "TOP 8 0", "RETR 7"]);

    await fetch("--where", INVOICES, "--limit", "1");
    expect(asked(server)).toEqual(["TOP 1 0", "TOP 6 0", "TOP 8 0", "RETR 1"]);
    await fetch("--where", INVOICES);
    expect(asked(server)).toEqual(["TOP 6 0", "TOP 8 0", "RETR 6", "RETR 8"]);
  });

  it("asks for many headers at a time", async () => {
    await using server = await startPop3Server();
    server.maildrop.deliverAll(Array.from({ length: 500 }, (_, n) => Buffer.from(`Subject: ${n}\r\n\r\n`)));
    await using user = new User();
    const { stdout } = await user.run(["fetch", "--where", "subject:17", urlOf(server)]);
    expect(stdout).toMatch(/: 1 message stored .*, 499 skipped\.\n$/);
    expect(server.count("TOP")).toBe(500);
    expect(server.sessions.at(-1)?.deepestPipeline).toBeGreaterThan(100);
  });

  it("decides what it downloaded where there is no TOP, says so once, and remembers it", async () => {
    await using server = await startPop3Server({ maildrop: { without: ["TOP"] } });
    server.maildrop.deliverAll(MAIL.slice(0, 6));
    await using user = new User();
    const fetch = (): Promise<Ended> => user.run(["fetch", "--json", "--where", INVOICES, urlOf(server)]);
    const first = await fetch();
    expect(first.code).toBe(0);
    expect(first.json.at(-1)).toMatchObject({ counts: { stored: 2, skipped: 4 } });
    expect(first.stderr.match(/messages are downloaded to be decided by the criteria/g)).toHaveLength(1);
    const second = await fetch();
    expect(second).toMatchObject({ code: 0, stderr: "" });
    expect(second.json.at(-1)).toMatchObject({ counts: { stored: 0, known: 6 }, warnings: [] });
    expect(server.count("RETR")).toBe(6);
  });

  it("takes an account's criteria from the accounts file, or others from the command line", async () => {
    await using server = await startPop3Server();
    server.maildrop.deliverAll(MAIL.slice(0, 6));
    await using user = new User();
    const config = join(user.home, "mailonce.yaml");
    writeFileSync(config, `accounts:\n  work:\n    url: ${urlOf(server)}\n    where: '${INVOICES}'\n`);
    const check = async (...more: string[]): Promise<string> => {
      const { stdout, stderr, code } = await user.run(["check", ...more, "work"]);
      expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
      return stdout.split("\n").at(-2) ?? "";
    };
    expect(await check()).toBe("work: 2 new, 0 known, 4 skipped.");
    expect(await check("--where", "octets:<1")).toBe("work: 0 new, 0 known, 6 skipped.");
    const explained = await user.run(["explain", "work"]);
    expect(explained.stdout).toMatch(/work: 2 of 6 messages are wanted\.\n$/);
  });
});

describe("explain", () => {
  it("says in words how a query is understood", async () => {
    await using user = new User();
    const query = "subject:invoice* NOT from:*@example.org octets:<5M";
    expect((await user.run(["explain", "--where", query])).stdout).toBe(
      [
        "A message is wanted if",
        "  all of these:",
        "    Subject has a word like invoice*",
        "    not: From has an address like *@example.org",
        "    its octets, as LIST gives them, are at most 5,242,879",
        "",
      ].join("\n"),
    );
    const { json } = await user.run(["explain", "--json", "--where", query]);
    expect(json).toMatchObject([
      {
        type: "criteria",
        query,
        canonical: "NOT from:*@example.org AND octets:<=5242879 AND subject:invoice*",
      },
    ]);
    expect(json[0]?.["digest"]).toMatch(/^[0-9a-f]{64}$/);
  });

  it("says of each message on a server whether it is wanted and why, and changes nothing", async () => {
    await using server = await startPop3Server();
    server.maildrop.deliverAll(MAIL.slice(0, 3));
    await using user = new User();
    const where = ["--where", `${INVOICES} OR (date:>=2026-01-03 AND cc:*)`];
    const { stdout, stderr, code } = await user.run(["explain", ...where, urlOf(server)]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout.split("\n")).toEqual([
      "wanted     1  Your Invöice 0",
      "             yes  subject:invöice*: Your Invöice 0",
      "skipped    2  Report 1",
      "             no   subject:invöice*: Report 1",
      "             no   date:>=2026-01-03T00:00:00.000Z: 2026-01-02T00:00:00.000Z",
      "skipped    3  Report 2",
      "             no   subject:invöice*: Report 2",
      "             no   cc:*: there is no such field",
      `alice@127.0.0.1:${server.port}: 1 of 3 messages is wanted.`,
      "",
    ]);
    expect(server.count("RETR")).toBe(0);
    const { json } = await user.run(["explain", "--json", "--limit", "1", ...where, urlOf(server)]);
    expect(json).toMatchObject([
      {
        type: "explanation",
        messageNumber: 3,
        wanted: false,
        subject: "Report 2",
        findings: [
          { term: "subject:invöice*", holds: false, found: "Report 2" },
          { term: "cc:*", holds: false, found: null },
        ],
      },
    ]);
  });

  it("says of a message that is too young from when on it is wanted", async () => {
    await using server = await startPop3Server();
    server.maildrop.deliverAll(MAIL.slice(0, 2));
    await using user = new User();
    const where = ["--where", `age:>=1000y ${INVOICES}`];
    const { stdout } = await user.run(["explain", ...where, urlOf(server)]);
    expect(stdout).toMatch(
      /^waiting {4}1 {2}Your Invöice 0\n +wanted from 30\d\d-\d\d-\d\d \d\d:\d\d on, if it is still listed/,
    );
    expect(stdout).toMatch(/^skipped {4}2 {2}Report 1$/m);
    const { json } = await user.run(["explain", "--json", ...where, urlOf(server)]);
    expect(json).toMatchObject([
      { messageNumber: 1, wanted: false, ripe: expect.stringMatching(/^30\d\d-/) },
      { messageNumber: 2, wanted: false },
    ]);
    expect(json[1]).not.toHaveProperty("ripe");
  });

  it("looks at stored messages and at files, too", async () => {
    await using server = await startPop3Server();
    server.maildrop.deliverAll(MAIL.slice(0, 3));
    await using user = new User();
    await user.run(["fetch", urlOf(server)]);
    const stored = await user.run(["explain", "--stored", "--where", INVOICES]);
    expect(stored.stdout).toMatch(/all maildrops: 1 of 3 messages is wanted\.\n$/);
    expect(stored.stdout).toMatch(/^wanted {5}[0-9a-f]{12} {2}Your Invöice 0$/m);
    const file = join(user.home, "mail.eml");
    writeFileSync(file, MAIL[0] ?? "");
    const { stdout } = await user.run(["explain", "--file", file, "--where", `${INVOICES} octets:<1M`]);
    expect(stdout).toContain(`wanted     ${file}  Your Invöice 0\n`);
    expect(server.sessions).toHaveLength(1);
  });

  it("leaves a message undecided whose header the server does not give", async () => {
    await using server = await startPop3Server({ maildrop: { without: ["TOP"] } });
    server.maildrop.deliverAll(MAIL.slice(0, 1));
    await using user = new User();
    const { stdout } = await user.run(["explain", "--where", INVOICES, urlOf(server)]);
    expect(stdout).toMatch(/^undecided {2}1 {2}\(no subject\)\n +the server gives no header by TOP\n/);
  });
});

describe("mail that waits until it is old enough", () => {
  it("is counted, is no failure, and is asked for once", async () => {
    await using server = await startPop3Server();
    server.maildrop.deliverAll(MAIL.slice(0, 1));
    await using user = new User();
    await user.run(["fetch", urlOf(server)]);
    server.maildrop.deliverAll(MAIL.slice(1, 3));
    const where = ["--where", "age:>1000y"];
    const check = await user.run(["check", ...where, urlOf(server)]);
    expect(check.stdout).toMatch(/: 0 new, 1 known, 2 waiting\.\n$/);
    const { json, code } = await user.run(["fetch", "--json", ...where, urlOf(server)]);
    expect(code).toBe(0);
    expect(json).toMatchObject([
      { type: "outcome", kind: "waiting", messageNumber: 2, id: null, reason: null },
      { type: "outcome", kind: "waiting", messageNumber: 3, ripe: expect.stringMatching(/^30\d\d-/) },
      { type: "summary", counts: { stored: 0, known: 1, waiting: 2, deferred: 0 }, exitCode: 0 },
    ]);
    expect(asked(server)).toEqual(["TOP 2 0", "TOP 3 0"]);
    const again = await user.run(["fetch", ...where, urlOf(server)]);
    expect(again.stdout).toMatch(/: 0 messages stored, 1 known, 2 waiting\.\n$/);
    expect(asked(server)).toEqual([]);
    expect((await user.run(["deferred", "list"])).stdout).not.toMatch(/Report/);
    const all = await user.run(["fetch", urlOf(server)]);
    expect(all.stdout).toMatch(/: 2 messages stored/);
  });
});

describe("a query that cannot be read", () => {
  it.each([
    ["subject:your invoice", 13, /several words are quoted/],
    ['from:"ann', 5, /no closing "/],
    ["subject:/(/", 8, /missing closing \)/],
    ["octets:<5MB", 7, /k, M or G/],
    ["date:>=30d", 5, /age:>30d/],
    ["subjet:a", 0, /"subjet" is none of the fields/],
  ])("%s: one message, a caret under the place, exit code 2", async (query, place, message) => {
    await using user = new User();
    const url = "pop3s://alice@mail.example.org";
    for (const command of [["fetch", url], ["check", url], ["explain", url], ["explain"]]) {
      const { code, stdout, stderr } = await user.run([...command, "--where", query]);
      expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
      const [said, shown, caret] = stderr.split("\n");
      expect(said).toMatch(message);
      expect([shown, caret]).toEqual([`  ${query}`, `  ${" ".repeat(place)}^`]);
    }
  });

  it("is the error of the summary for programs", async () => {
    await using user = new User();
    const { code, json } = await user.run([
      "fetch",
      "--json",
      "--where",
      "a",
      "pop3s://alice@mail.example.org",
    ]);
    expect(code).toBe(2);
    expect(json).toMatchObject([{ type: "summary", exitCode: 2, error: { code: "criteria-syntax" } }]);
  });

  it("in the accounts file is one of its errors", async () => {
    await using user = new User();
    writeFileSync(
      join(user.home, "mailonce.yaml"),
      "accounts:\n  work:\n    url: pop3s://alice@mail.example.org\n    where: 'subjet:a'\n",
    );
    const { code, stderr } = await user.run(["fetch", "work"]);
    expect(code).toBe(78);
    expect(stderr).toMatch(/mailonce\.yaml:4.*"subjet" is none of the fields/);
  });
});
