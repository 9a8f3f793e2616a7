import { startPop3Server } from "@mailonce/testkit";
import { beforeAll, expect, it } from "vitest";
import { build, User } from "./mailonce.ts";

beforeAll(build, 180_000);

const mail = (subject: string): Uint8Array =>
  Buffer.from(`From: ann@example.org\r\nDate: 2 May 2026 10:00 +0000\r\nSubject: ${subject}\r\n\r\n`);

/** Enough messages that two ids end alike, and all of them begin alike: ids begin with the time. */
async function withMail(user: User, count: number): Promise<void> {
  await using server = await startPop3Server();
  server.maildrop.deliverAll(Array.from({ length: count }, (_, n) => mail(`number ${n}\u001b[2J`)));
  expect(await user.run(["fetch", `pop3://alice@127.0.0.1:${server.port}?tls=none`])).toMatchObject({
    code: 0,
  });
}

it("shows the messages that the beginning of an id may mean, newest first", async () => {
  await using user = new User();
  await withMail(user, 3);
  const ids = (await user.run(["list", "--json"])).json.map((line) =>
    String(Reflect.get(line as object, "id")),
  );
  const { code, stdout, stderr } = await user.run(["show", ids[0]?.slice(0, 4) ?? ""]);
  expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  expect(stderr.split("\n")).toEqual([
    "mailonce: more than one message has such an id: give more digits of it",
    ...ids.map((id) => expect.stringMatching(`^  ${id}  2026-05-02 10:00  ann@example.org  number \\d`)),
    "Try: mailonce show --help",
    "",
  ]);
  expect(stderr).not.toContain("\u001b");
});

it("shows ten of many, and those that end so, too", async () => {
  await using user = new User();
  await withMail(user, 40);
  const begun = await user.run(["show", "01"]);
  expect(begun.stderr.split("\n").filter((line) => line.startsWith("  "))).toHaveLength(10 + 1);
  expect(begun.stderr).toContain("  … and more\n");
  const ids = (await user.run(["list", "--json"])).json.map((line) =>
    String(Reflect.get(line as object, "id")),
  );
  const lastDigits = ids.map((id) => id.slice(-1));
  const shared = lastDigits.find((digit, at) => lastDigits.indexOf(digit) !== at && digit !== "0") ?? "";
  const ended = await user.run(["show", shared]);
  expect(ended.code).toBe(2);
  for (const id of ids.filter((one) => one.endsWith(shared)).slice(0, 9)) expect(ended.stderr).toContain(id);
});

it("shows the deferred messages that an id may mean", async () => {
  await using user = new User();
  await using server = await startPop3Server();
  server.maildrop.deliverAll(Array.from({ length: 40 }, (_, n) => mail(`number ${n}`)));
  server.maildrop.behaviour.refuse = (verb) => (verb === "RETR" ? "-ERR locked" : undefined);
  expect(await user.run(["fetch", `pop3://alice@127.0.0.1:${server.port}?tls=none`])).toMatchObject({
    code: 65,
  });
  const ids = (await user.run(["deferred", "list", "--json"])).json.map((line) =>
    String(Reflect.get(line as object, "id")),
  );
  const digits = ids.map((id) => id.slice(0, 1));
  const shared = digits.find((digit, at) => digits.indexOf(digit) !== at) ?? "";
  const { code, stderr } = await user.run(["deferred", "retry", shared]);
  expect(code).toBe(2);
  expect(stderr).toContain("more than one deferred message has such an id");
  for (const id of ids.filter((one) => one.startsWith(shared)).slice(0, 9))
    expect(stderr).toContain(id.slice(0, 24));
});

it("says which maildrops there are not", async () => {
  await using user = new User();
  await withMail(user, 1);
  for (const command of [["list"], ["deferred", "list"], ["outbox", "list"]]) {
    const { code, stderr } = await user.run([...command, "--maildrop", "wokr"]);
    expect(code).toBe(2);
    expect(stderr).toContain("there is no maildrop wokr");
  }
});
