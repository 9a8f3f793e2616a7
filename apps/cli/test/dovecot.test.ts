import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { openSession } from "@mailonce/runtime";
import { accountOf, parseAccountUrl } from "@mailonce/runtime/config";
import { type Dovecot, sampleMail, simpleMail, startDovecot, startMariaDb } from "@mailonce/testkit";
import { beforeAll, expect, it } from "vitest";
import { build, type Ended, User } from "./mailonce.ts";

beforeAll(build, 180_000);

const hash = (octets: Uint8Array): string => createHash("sha256").update(octets).digest("hex");

const sorted = (texts: readonly string[]): string[] => texts.toSorted((a, b) => (a < b ? -1 : 1));

/** What the server sends, by SHA-256. */
async function sent(dovecot: Dovecot): Promise<string[]> {
  const account = accountOf(parseAccountUrl(`pop3s://alice@localhost:${dovecot.pop3sPort}`));
  const session = await openSession(account, {
    credentials: { user: "alice", password: "secret" },
    tls: { ca: readFileSync(dovecot.caFile, "utf8") },
  });
  let count = 0;
  for await (const part of session.listings()) if (part.kind === "stat") count = part.count;
  const requests = Array.from({ length: count }, (_, n) => ({
    messageNumber: n + 1,
    listedOctets: null,
  }));
  const hashes: string[] = [];
  for await (const part of session.retrMany(requests, { pipelining: false })) {
    const digest = createHash("sha256");
    if (part.kind === "stream") {
      for await (const octets of part.content) digest.update(octets);
      hashes.push(digest.digest("hex"));
    } else if (part.kind === "block")
      for (const reply of part.replies) {
        if (reply.kind === "refused") throw new Error(reply.refusal.text);
        hashes.push(createHash("sha256").update(reply.octets).digest("hex"));
      }
  }
  session.close();
  return hashes;
}

/** How many messages were retrieved in the session that logged out last. */
function lastRetrieved(dovecot: Dovecot): string | undefined {
  return dovecot
    .log()
    .match(/retr=\d+/g)
    ?.at(-1);
}

it.each(["SQLite", "MariaDB"] as const)(
  "stores all of a real Dovecot's mail once, octet by octet, on %s",
  async (kind) => {
    await using dovecot = await startDovecot();
    await dovecot.deliver("alice", sampleMail(200));
    await using mariadb = kind === "MariaDB" ? await startMariaDb() : undefined;
    const database = await mariadb?.createDatabase();
    await using user = new User();
    const env = { MAILONCE_DATABASE: database?.mariadbUrl };
    const url = `pop3s://alice@localhost:${dovecot.pop3sPort}`;
    const run = (...parameters: string[]): Promise<Ended> => user.run(parameters, { env });
    const fetch = (): Promise<Ended> => run("fetch", "--json", "--ca", dovecot.caFile, url);

    const check = await run("check", "--json", "--ca", dovecot.caFile, url);
    expect(check.json.at(-1)).toMatchObject({ counts: { new: 200, known: 0 }, exitCode: 0 });

    const first = await fetch();
    expect(first).toMatchObject({ code: 0, stderr: "" });
    expect(first.json.at(-1)).toMatchObject({ counts: { stored: 200, known: 0 } });
    const list = await run("list", "--json");
    expect(sorted(list.json.map(({ sha256 }) => String(sha256)))).toEqual(sorted(await sent(dovecot)));
    const before = dovecot.messagesOnDisk("alice").length;

    const second = await fetch();
    expect(second.json).toMatchObject([{ type: "summary", counts: { stored: 0, known: 200 }, exitCode: 0 }]);
    expect(lastRetrieved(dovecot)).toBe("retr=0");

    const late = {
      from: "b@example.com",
      to: "alice@example.org",
      subject: "Late",
      body: "late",
      date: new Date(0),
    };
    await dovecot.deliver("alice", [simpleMail(late)]);
    const third = await fetch();
    expect(third.json.at(-1)).toMatchObject({ counts: { stored: 1, known: 200 }, exitCode: 0 });
    expect(dovecot.messagesOnDisk("alice")).toHaveLength(before + 1);

    expect(await run("export", "--to", "mail")).toMatchObject({ code: 0, stderr: "" });
    const files = readdirSync(`${user.home}/mail`).map((name) => hash(user.file(`mail/${name}`)));
    expect(sorted(files)).toEqual(sorted(await sent(dovecot)));
    const [newest] = list.json;
    const raw = await run("show", "--raw", String(newest?.["id"]));
    expect(hash(raw.octets)).toBe(newest?.["sha256"]);
    // Nothing is left in the temporary folder.
    expect(readdirSync(user.home).filter((name) => name.startsWith("mailonce-"))).toEqual([]);
  },
);
