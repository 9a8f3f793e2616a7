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
  expect(await user.run(["fetch", "--maildrop", maildrop, url])).toMatchObject({ code: 0 });
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
