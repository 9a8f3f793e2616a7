import { startPop3Server } from "@mailonce/testkit";
import { beforeAll, expect, it } from "vitest";
import { build, User } from "./mailonce.ts";

beforeAll(build, 180_000);

const mail = (from: string, subject: string): Uint8Array =>
  Buffer.from(`From: ${from}\r\nDate: 2 May 2026 10:00 +0000\r\nSubject: ${subject}\r\n\r\n`);

async function fetched(user: User, maildrop: string, mails: readonly Uint8Array[]): Promise<void> {
  await using server = await startPop3Server();
  server.maildrop.deliverAll(mails);
  const url = `pop3://alice@127.0.0.1:${server.port}?tls=none`;
  expect(await user.run(["fetch", "--apart", "--maildrop", maildrop, url])).toMatchObject({ code: 0 });
}

it("keeps its columns in a pipe, however long senders and subjects are", async () => {
  await using user = new User();
  const long = "word ".repeat(120);
  await fetched(user, "work", [
    mail("ann@example.org", "short"),
    mail(`"${"A very long name ".repeat(35)}" <ann@example.org>`, long),
    mail("bob@example.org", long),
  ]);
  const { stdout } = await user.run(["list"]);
  const lines = stdout.trimEnd().split("\n");
  expect(lines).toHaveLength(4);
  const at = lines[0]?.indexOf("SUBJECT") ?? 0;
  for (const line of lines.slice(1)) {
    expect(line.slice(at - 2, at)).toBe("  ");
    expect(line.slice(at)).toMatch(/^(short|word)/);
    expect(line.length).toBeLessThanOrEqual(200);
  }
  const { json } = await user.run(["list", "--json"]);
  expect(json).toContainEqual(expect.objectContaining({ subject: long.trim() }));
});

it("says whose a message is where there are several maildrops, and not where one is asked for", async () => {
  await using user = new User();
  await fetched(user, "work", [mail("ann@example.org", "for work")]);
  expect((await user.run(["list"])).stdout).not.toContain("ACCOUNT");
  await fetched(user, "a maildrop whose name is longer than others", [mail("ann@example.org", "for home")]);
  const [head = "", ...rows] = (await user.run(["list"])).stdout.trimEnd().split("\n");
  const at = head.indexOf("ACCOUNT");
  expect(at).toBeGreaterThan(0);
  expect(rows.map((row) => row.slice(at, head.indexOf("DATE")).trim())).toEqual([
    "a maildrop whose name is longer than others",
    "work",
  ]);
  expect((await user.run(["list", "--maildrop", "work"])).stdout).not.toContain("ACCOUNT");
});

it("lists by the dates that it shows, or by when messages were stored", async () => {
  await using user = new User();
  const dated = (date: string, subject: string): Uint8Array =>
    Buffer.from(`From: ann@example.org\r\n${date}Subject: ${subject}\r\n\r\n`);
  await fetched(user, "work", [
    dated("Date: Sat, 2 May 2026 10:00 +0000\r\n", "second"),
    dated("Date: Fri, 1 May 2026 10:00 +0000\r\n", "first"),
    dated("Received: by mx.example.org; Sun, 3 May 2026 10:00:00 +0000\r\n", "third"),
    dated("Date: Mon, 4 May 2026 10:00\r\n", "fourth"),
  ]);
  const subjects = async (...more: string[]): Promise<unknown[]> =>
    (await user.run(["list", "--json", ...more])).json.map((line) => Reflect.get(line as object, "subject"));
  expect(await subjects()).toEqual(["fourth", "third", "second", "first"]);
  expect(await subjects("--limit", "2")).toEqual(["fourth", "third"]);
  expect(await subjects("--sort", "stored")).toEqual(["fourth", "third", "first", "second"]);
  const { stdout } = await user.run(["list"]);
  expect(stdout).toMatch(
    /2026-05-04 10:00\? .*fourth\n.*2026-05-03 10:00\* .*third\n.*2026-05-02 10:00 .*second\n/,
  );
});

it("marks messages that say of themselves that there is more in them than text", async () => {
  await using user = new User();
  await fetched(user, "work", [
    mail("ann@example.org", "plain"),
    mail("ann@example.org", "with a file\r\nContent-Type: multipart/mixed; boundary=b"),
    mail("ann@example.org", "in two forms\r\nContent-Type: multipart/alternative; boundary=b"),
  ]);
  const { stdout } = await user.run(["list"]);
  expect(stdout).toMatch(/ B\+ {2}.*with a file\n/);
  expect(stdout.match(/\+ {2}/g)).toHaveLength(1);
});
