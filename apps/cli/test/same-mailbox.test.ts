import { type Maildrop, type Pop3Server, simpleMail, startPop3Server, uniqueIds } from "@mailonce/testkit";
import { sharedMariaDb } from "@mailonce/testkit/vitest";
import { beforeAll, describe, expect, it, vi } from "vitest";
import { build, type Ended, User } from "./mailonce.ts";

beforeAll(build, 180_000);

// Many commands, one after the other.
vi.setConfig({ testTimeout: 180_000 });

function mail(subject: string): Uint8Array {
  const people = { from: "a@example.org", to: "b@example.org" };
  return simpleMail({ ...people, subject, date: new Date(0), body: subject });
}

/** Messages of which no two have as many octets as one another. */
function mails(count: number, from = 0): readonly Uint8Array[] {
  return Array.from({ length: count }, (_, n) => mail("x".repeat(1 + from + n)));
}

/** The same maildrop under another port. */
async function otherPort(maildrop: Maildrop, user = "alice"): Promise<Pop3Server> {
  return startPop3Server({ maildrop, user });
}

const urlOf = ({ port, user }: Pop3Server, host = "127.0.0.1"): string =>
  `pop3://${user}@${host}:${port}?tls=none`;

function error(ended: Ended): unknown {
  const { exitCode, error: reason } = ended.json.at(-1) ?? {};
  return [ended.code, exitCode, (reason as { code?: string } | null)?.code];
}

const REFUSED = [78, 78, "same-mailbox"];
const DONE = [0, 0, undefined];

describe.each(["SQLite", "MariaDB"] as const)("one mailbox under two URLs, into %s,", (kind) => {
  const databaseOf = async (): Promise<readonly string[]> =>
    kind === "SQLite" ? [] : ["--database", (await sharedMariaDb().createDatabase()).mariadbUrl];

  it("is not fetched twice because its port is another: every command says what to do, and that does it", async () => {
    await using one = await startPop3Server();
    await using two = await otherPort(one.maildrop);
    one.maildrop.deliverAll(mails(2));
    await using user = new User();
    const place = await databaseOf();
    const run = (...parameters: string[]) => user.run([...parameters, ...place]);
    expect(await run("fetch", urlOf(one))).toMatchObject({ code: 0 });
    const rename = `mailonce maildrop rename alice@127.0.0.1:${one.port} alice@127.0.0.1:${two.port}`;
    for (const command of ["fetch", "check", "baseline"]) {
      const ended = await run(command, "--json", urlOf(two));
      expect(error(ended)).toEqual(REFUSED);
      expect(ended.stderr).toContain(rename);
      expect(ended.stderr).toContain("--apart");
    }
    const doctor = await run("doctor", urlOf(two));
    expect(doctor).toMatchObject({ code: 78, stdout: expect.stringContaining(rename) });
    expect(two.count("RETR")).toBe(2);
    expect(await run("list", "--json")).toMatchObject({ json: { length: 2 } });

    expect((await run(...rename.split(" ").slice(1))).code).toBe(0);
    const again = await run("fetch", "--json", urlOf(two));
    expect(again.json.at(-1)).toMatchObject({ counts: { stored: 0, known: 2 }, exitCode: 0 });
    expect(error(await run("fetch", "--json", urlOf(one)))).toEqual(REFUSED);
  });

  it("is fetched twice where that is wanted, and nobody asks again", async () => {
    await using one = await startPop3Server();
    await using two = await otherPort(one.maildrop);
    await using three = await otherPort(one.maildrop);
    await using user = new User();
    const place = await databaseOf();
    const run = (...parameters: string[]) => user.run([...parameters, "--json", ...place]);
    // Empty at first: then there is nothing by which it could be known again but user and host.
    expect(error(await run("fetch", urlOf(one)))).toEqual(DONE);
    expect(error(await run("fetch", urlOf(two)))).toEqual(REFUSED);
    expect(error(await run("fetch", "--apart", urlOf(two)))).toEqual(DONE);
    one.maildrop.deliverAll(mails(3));
    for (const url of [urlOf(one), urlOf(two)]) {
      const ended = await run("fetch", url);
      expect(ended.json.at(-1)).toMatchObject({ counts: { stored: 3 }, exitCode: 0 });
    }
    expect(error(await run("fetch", urlOf(three)))).toEqual(REFUSED);
    expect(error(await run("baseline", "--apart", urlOf(three)))).toEqual(DONE);
  });

  it("is fetched once by two accounts of one file that begin at the same time, and twice where one says apart", async () => {
    await using one = await startPop3Server();
    await using two = await otherPort(one.maildrop);
    one.maildrop.deliverAll(mails(5));
    for (const second of [urlOf(two), urlOf(one, "localhost")]) {
      await using user = new User();
      const place = await databaseOf();
      const write = (apart: string): void =>
        user.write(
          "mailonce.yaml",
          `accounts:\n  a: { url: "${urlOf(one)}" }\n  b: { url: "${second}"${apart} }\n`,
        );
      write("");
      const both = await user.run(["fetch", "--json", ...place]);
      const ends = both.json.filter(({ type }) => type === "summary").map(({ exitCode }) => exitCode);
      expect(ends.toSorted()).toEqual([0, 78]);
      expect((await user.run(["list", "--json", ...place])).json).toHaveLength(5);
      write(", apart: true");
      await user.run(["fetch", "a", ...place]);
      const refused = both.json.find(({ exitCode }) => exitCode === 78)?.["maildrop"];
      const later = await user.run(["fetch", "--json", "b", ...place]);
      if (refused === "b") expect(later.json.at(-1)).toMatchObject({ counts: { stored: 5 }, exitCode: 0 });
    }
  });

  it("is known by its messages under another host name, and under another user", async () => {
    for (const count of [1, 250]) {
      await using server = await startPop3Server();
      server.maildrop.deliverAll(mails(count));
      server.addAccount("a.smith", "secret", server.maildrop);
      server.addAccount("alice@example.org", "secret", server.maildrop);
      await using user = new User();
      const place = await databaseOf();
      const run = (...parameters: string[]) => user.run([...parameters, "--json", ...place]);
      expect(error(await run("fetch", urlOf(server)))).toEqual(DONE);
      server.maildrop.deliverAll(mails(count > 1 ? 1 : 0, count));
      for (const command of ["check", "fetch", "baseline"])
        expect(error(await run(command, urlOf(server, "localhost")))).toEqual(REFUSED);
      const url = urlOf(server).replace("alice", "alice%40example.org");
      expect(error(await run("fetch", url))).toEqual(REFUSED);
      // Of another user it takes more to be sure.
      const alias = await run("fetch", urlOf(server).replace("alice", "a.smith"));
      expect(error(alias)).toEqual(count < 20 ? DONE : REFUSED);
    }
  });
});

describe("two mailboxes", () => {
  it.each([
    ["whose servers count from 1", (_message: unknown, number: number) => String(number), 1],
    ["whose unique-ids are equal, with other mail", undefined, 30],
  ])("%s, are fetched without a word", async (_what, uniqueIdOf, count) => {
    const behaviour = uniqueIdOf === undefined ? {} : { uniqueIdOf };
    await using one = await startPop3Server({ maildrop: behaviour });
    await using two = await startPop3Server({ maildrop: behaviour });
    one.maildrop.deliverAll(mails(count));
    two.maildrop.deliverAll(mails(count, uniqueIdOf === undefined ? 40 : 0));
    await using user = new User();
    for (const url of [urlOf(one), urlOf(two, "localhost")])
      expect(await user.run(["fetch", url])).toMatchObject({ code: 0, stderr: "" });
    expect((await user.run(["list", "--json"])).json).toHaveLength(2 * count);
  });

  it("of which only some messages are the same, are fetched with a warning", async () => {
    await using one = await startPop3Server();
    await using two = await startPop3Server();
    one.maildrop.deliverAll(mails(40));
    two.maildrop.deliverAll([...mails(5), ...mails(35, 50)]);
    await using user = new User();
    expect(await user.run(["fetch", urlOf(one)])).toMatchObject({ code: 0, stderr: "" });
    const ended = await user.run(["fetch", "--json", urlOf(two, "localhost")]);
    expect(ended.json.at(-1)).toMatchObject({
      counts: { stored: 40 },
      warnings: [{ code: "messages-in-common", message: expect.stringContaining("5 of 40 messages") }],
      exitCode: 0,
    });
    expect(await user.run(["fetch", urlOf(two, "localhost")])).toMatchObject({ code: 0, stderr: "" });
  });

  it("of users whose names differ in case only, are two", async () => {
    await using server = await startPop3Server();
    server.maildrop.deliver(mail("one"));
    server.addAccount("ALICE", "secret").deliver(mail("another"));
    await using user = new User();
    for (const url of [urlOf(server), urlOf(server).replace("alice", "ALICE")])
      expect(await user.run(["fetch", url])).toMatchObject({ code: 0, stderr: "" });
  });

  it("on a server without unique-ids of its own are told by user and host only", async () => {
    await using one = await startPop3Server({ maildrop: { uniqueIdOf: uniqueIds.shared } });
    await using two = await startPop3Server({ maildrop: { uniqueIdOf: uniqueIds.shared } });
    for (const { maildrop } of [one, two]) maildrop.deliverAll(mails(3));
    await using user = new User();
    expect(await user.run(["fetch", urlOf(one)])).toMatchObject({ code: 0 });
    expect(await user.run(["fetch", urlOf(two, "localhost")])).toMatchObject({ code: 0 });
    expect((await user.run(["fetch", urlOf(two)])).code).toBe(78);
  });
});

it.each([
  ["capitals", "LOCALHOST"],
  ["a trailing dot", "localhost."],
  ["signs of full width", "\uff4c\uff4f\uff43\uff41lhost"],
])("a host in %s is the same host", async (_what, host) => {
  await using server = await startPop3Server();
  server.maildrop.deliver(mail("one"));
  await using user = new User();
  user.write(
    "mailonce.yaml",
    `accounts:\n  a: { url: "${urlOf(server, "localhost")}" }\n  b: { url: "${urlOf(server, host)}" }\n`,
  );
  expect(await user.run(["fetch", "a"])).toMatchObject({ code: 0 });
  const b = await user.run(["fetch", "b"]);
  expect(b).toMatchObject({ code: 78, stderr: expect.stringContaining("mailonce maildrop rename a b") });
});

it("a first run that broke off is gone on with", async () => {
  await using server = await startPop3Server();
  await using two = await otherPort(server.maildrop);
  server.maildrop.deliverAll(mails(12));
  await using user = new User();
  server.faults = [{ at: { verb: "RETR", nth: 2 }, do: "stall" }];
  const broken = await user.run(["fetch", "--timeout", "500ms", urlOf(server)]);
  expect(broken.code).toBe(69);
  server.faults = [];
  expect((await user.run(["fetch", urlOf(two)])).code).toBe(78);
  expect((await user.run(["fetch", "--apart", urlOf(two)])).code).toBe(0);
  expect((await user.run(["fetch", urlOf(server)])).code).toBe(0);
  expect((await user.run(["list", "--json"])).json).toHaveLength(24);
});
