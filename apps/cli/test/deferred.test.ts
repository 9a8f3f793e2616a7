import { readdirSync } from "node:fs";
import { join } from "node:path";
import { openDatabase } from "@mailonce/runtime";
import { type Pop3Server, startPop3Server } from "@mailonce/testkit";
import { beforeAll, expect, it } from "vitest";
import { build, User } from "./mailonce.ts";

beforeAll(build, 180_000);

const urlOf = (server: Pop3Server): string => `pop3://alice@127.0.0.1:${server.port}?tls=none`;
const nameOf = (server: Pop3Server): string => `alice@127.0.0.1:${server.port}`;
const mail = (subject: string, octets = 0): Uint8Array =>
  Buffer.from(`Subject: ${subject}\r\n\r\n${"x".repeat(octets)}\r\n`);

/** Three messages, of which the second is refused; the mail is fetched. */
async function withDeferred(user: User): Promise<Pop3Server> {
  const server = await startPop3Server();
  server.maildrop.deliverAll(["one", "two", "three"].map((subject) => mail(subject)));
  server.maildrop.behaviour.refuse = (verb, messageNumber) =>
    verb === "RETR" && messageNumber === 2 ? "-ERR \u001b[2Jbeing moved" : undefined;
  expect(await user.run(["fetch", urlOf(server)])).toMatchObject({ code: 65 });
  return server;
}

it("lists what is deferred, for people and for programs, of one maildrop or all", async () => {
  await using user = new User();
  await using server = await withDeferred(user);
  const shown = await user.run(["deferred", "list"]);
  const uniqueId = server.maildrop.messages[1]?.uniqueId ?? "";
  expect(shown).toMatchObject({ code: 0, stderr: "" });
  expect(shown.stdout).toMatch(
    new RegExp(
      `^[0-9a-f]{12}  ${nameOf(server)}  unique-id ${uniqueId}  \\d+ B\n +first seen .*, tried 1 time, next at the next fetch: .*being moved`,
    ),
  );
  expect(shown.stdout).not.toContain("\u001b");
  for (const place of [[], [nameOf(server)], [urlOf(server)], ["--maildrop", nameOf(server)]]) {
    const { json } = await user.run(["deferred", "list", "--json", ...place]);
    expect(json).toEqual([
      {
        type: "deferred",
        id: expect.stringMatching(`^${shown.stdout.slice(0, 12)}[0-9a-f]{52}$`),
        maildrop: nameOf(server),
        uniqueId,
        disposition: "deferred",
        octets: server.maildrop.messages[1]?.bytes.length,
        attempts: 1,
        reason: { code: expect.any(String), message: expect.stringContaining("being moved") },
        firstSeen: expect.stringMatching(/Z$/),
        due: expect.stringMatching(/Z$/),
      },
    ]);
  }
  expect(await user.run(["deferred", "list", "somebody else"])).toMatchObject({
    code: 2,
    stdout: "",
    stderr: expect.stringContaining("there is neither an account nor a maildrop somebody else"),
  });
});

it("tries a deferred message at the next fetch when it is told to, however often it failed", async () => {
  await using user = new User();
  await using server = await withDeferred(user);
  for (let n = 0; n < 3; n++) await user.run(["fetch", urlOf(server)]);
  const [waiting] = (await user.run(["deferred", "list", "--json"])).json;
  expect(Date.parse(String(waiting?.["due"]))).toBeGreaterThan(Date.now() + 60_000);
  const retrieved = server.count("RETR");
  delete server.maildrop.behaviour.refuse;
  expect((await user.run(["fetch", urlOf(server)])).code).toBe(65);
  expect(server.count("RETR")).toBe(retrieved);

  const id = String(waiting?.["id"]).slice(0, 12);
  expect(await user.run(["deferred", "retry", id])).toMatchObject({
    code: 0,
    stdout: "1 message will be tried at the next fetch.\n",
  });
  expect((await user.run(["deferred", "list"])).stdout).toMatch(
    /first seen [^,]*, next at the next fetch\n$/,
  );
  const { code, stdout } = await user.run(["fetch", urlOf(server)]);
  expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringContaining("1 message stored") });
  expect((await user.run(["deferred", "list", "--json"])).stdout).toBe("");
});

it("never tries a dropped message again, and leaves the others", async () => {
  await using user = new User();
  await using server = await withDeferred(user);
  const [entry] = (await user.run(["deferred", "list", "--json"])).json;
  const dropped = await user.run(["deferred", "drop", "--json", String(entry?.["id"])]);
  expect(dropped.json).toEqual([{ type: "deferred-change", action: "drop", count: 1 }]);
  delete server.maildrop.behaviour.refuse;
  const retrieved = server.count("RETR");
  const { json } = await user.run(["fetch", "--json", urlOf(server)]);
  expect(json.at(-1)).toMatchObject({ counts: { stored: 0, known: 3, deferred: 0 }, exitCode: 0 });
  expect(server.count("RETR")).toBe(retrieved);
});

it("defers what is larger than --max-octets, announced or not, and stores the rest", async () => {
  await using server = await startPop3Server();
  server.maildrop.deliverAll([mail("small"), mail("large", 3000), mail("small, too"), mail("liar", 4000)]);
  server.maildrop.behaviour.listedOctets = ({ bytes }, messageNumber) =>
    messageNumber === 4 ? 10 : bytes.length;
  await using user = new User();
  const ended = await user.run(["fetch", "--json", "--max-octets", "2k", urlOf(server)]);
  expect(ended.code).toBe(65);
  const of = (wanted: string) =>
    ended.json.filter(({ kind }) => kind === wanted).map(({ messageNumber }) => messageNumber);
  expect([...new Set(of("stored"))]).toEqual([1, 3]);
  expect([...new Set(of("deferred"))]).toEqual([2, 4]);
  expect(ended.stderr + ended.stdout).toContain("limit of 2048 octets");

  expect((await user.run(["deferred", "retry", "--all"])).stdout).toMatch(/^2 messages will be tried/);
  const again = await user.run(["fetch", "--json", urlOf(server)]);
  expect(again.json.at(-1)).toMatchObject({ counts: { stored: 2, known: 2 }, exitCode: 0 });
});

it.each([
  [["retry", "ffffffffffff"], "no deferred message"],
  [["drop", "x\u001b[2J"], "no deferred message"],
  [["drop", ""], "no deferred message"],
  [["retry"], "--all"],
  [["retry", "--all", "ff"], "--all"],
  [["drop", "--all"], "unknown option"],
])("deferred %j ends with 2", async (parameters, part) => {
  await using user = new User();
  await using _server = await withDeferred(user);
  const ended = await user.run(["deferred", ...parameters]);
  expect(ended).toMatchObject({ code: 2, stdout: "", stderr: expect.stringContaining(part) });
  expect(ended.stderr).not.toContain("\u001b");
});

it("finds nothing deferred where there is no database, and makes none", async () => {
  await using user = new User();
  const list = await user.run(["deferred", "list"]);
  expect(list).toMatchObject({ code: 0, stdout: "", stderr: expect.stringContaining("no database yet") });
  expect(await user.run(["deferred", "retry", "--all"])).toMatchObject({ code: 2, stdout: "" });
  expect(readdirSync(user.home)).toEqual([]);
});

it("tries what broke every session of a fetch at the very next fetch, and says what broke it", async () => {
  await using user = new User();
  await using server = await startPop3Server();
  server.maildrop.deliverAll(["one", "two", "three"].map((subject) => mail(subject)));
  server.faults = [{ at: { verb: "RETR", messageNumber: 2, afterOctets: 5 }, do: "close" }];
  const broken = await user.run(["fetch", "--json", urlOf(server)]);
  expect(broken.json.at(-1)).toMatchObject({ counts: { stored: 2, deferred: 1 }, exitCode: 65 });
  expect(server.sessions.length).toBeGreaterThan(3);
  expect((await user.run(["deferred", "list", "--json"])).json).toMatchObject([{ attempts: 1 }]);
  expect((await user.run(["deferred", "list"])).stdout).toMatch(
    /tried 1 time, next at the next fetch: the session ended while it was retrieved: .*clos/,
  );
  // Tried again in vain: now it waits.
  await user.run(["fetch", urlOf(server)]);
  expect((await user.run(["deferred", "list"])).stdout).toMatch(/tried 2 times, next from 20/);
  server.faults = [];
  await user.run(["deferred", "retry", "--all"]);
  expect((await user.run(["fetch", "--json", urlOf(server)])).json.at(-1)).toMatchObject({
    counts: { stored: 1, known: 2 },
  });
});

it("tries at the next fetch what was being retrieved when the process was killed, and says so", async () => {
  await using user = new User();
  await using server = await startPop3Server();
  server.maildrop.deliverAll(["one", "two", "three"].map((subject) => mail(subject)));
  const never = new Promise<void>(() => {});
  server.faults = [
    // It breaks two sessions, and in the last, when it is tried again after the others, the process is killed.
    { at: { verb: "RETR", messageNumber: 2, afterOctets: 5, times: 2 }, do: "close" },
    { at: { verb: "RETR", messageNumber: 2 }, do: "hold", until: () => never },
  ];
  const running = user.start(["fetch", "--json", urlOf(server)]);
  await server.waitFor(
    ({ sessions }) => sessions.length === 4 && (sessions[3]?.commands.includes("RETR 2") ?? false),
  );
  running.child.kill("SIGKILL");
  await running.ended;
  server.faults = [];
  const list = await user.run(["deferred", "list"]);
  expect(list.stdout).toMatch(
    /tried 1 time, next at the next fetch: the process ended while it was retrieved\n/,
  );
  expect((await user.run(["fetch", "--json", urlOf(server)])).json.at(-1)).toMatchObject({
    counts: { stored: 1, known: 2, deferred: 0 },
    exitCode: 0,
  });
});

it("does not say that a message waits for years because the clock was ahead once", async () => {
  await using user = new User();
  await using server = await withDeferred(user);
  const database = join(user.home, "far.sqlite");
  await user.run(["fetch", "--database", `sqlite:${database}`, urlOf(server)]);
  {
    await using store = await openDatabase(`sqlite:${database}`, {});
    const maildrop = await store.openMaildrop(nameOf(server));
    const { id, generation } = maildrop;
    for await (const rows of store.deferredEntries(id)) {
      const due = new Date(Date.now() + 11 * 365 * 24 * 3_600_000);
      await store.transact(id, { generation, leaseToken: null }, (tx) =>
        tx.updateEntries(rows.map((row) => ({ ...row, attempts: 5, due }))),
      );
    }
  }
  const far = ["--database", `sqlite:${database}`];
  expect((await user.run(["deferred", "list", ...far])).stdout).toContain(
    "tried 5 times, next at the next fetch",
  );
  const [line] = (await user.run(["deferred", "list", "--json", ...far])).json;
  expect(Date.parse(String(line?.["due"]))).toBeLessThanOrEqual(Date.now());
  delete server.maildrop.behaviour.refuse;
  expect((await user.run(["fetch", "--json", ...far, urlOf(server)])).json.at(-1)).toMatchObject({
    counts: { stored: 1, known: 2 },
  });
});
