import { type Pop3Server, startPop3Server, uniqueIds } from "@mailonce/testkit";
import { beforeAll, expect, it } from "vitest";
import { build, User } from "./mailonce.ts";

beforeAll(build, 180_000);

const urlOf = (server: Pop3Server): string => `pop3://alice@127.0.0.1:${server.port}?tls=none`;
const mail = (subject: string): Uint8Array =>
  Buffer.from(
    `Received: by mx.example.org id ${subject}\r\nFrom: a@example.org\r\nSubject: ${subject}\r\n\r\n${subject}\r\n`,
  );

it("marks what is there as known without downloading it; only what comes later is fetched", async () => {
  await using server = await startPop3Server();
  server.maildrop.deliverAll(["one", "two", "three"].map(mail));
  await using user = new User();
  const marked = await user.run(["baseline", urlOf(server)]);
  expect(marked).toMatchObject({ code: 0, stderr: "" });
  expect(marked.stdout).toMatch(/: 3 messages marked as known, 0 known already\.\n$/);
  expect(server.count("RETR")).toBe(0);
  expect(server.count("DELE")).toBe(0);

  const fetch = await user.run(["fetch", "--json", urlOf(server)]);
  expect(fetch.json).toMatchObject([{ type: "summary", counts: { stored: 0, known: 3 }, exitCode: 0 }]);
  expect(server.count("RETR")).toBe(0);

  server.maildrop.deliver(mail("four"));
  const later = await user.run(["fetch", "--json", urlOf(server)]);
  expect(later.json.at(-1)).toMatchObject({ counts: { stored: 1, known: 3 }, exitCode: 0 });
  expect((await user.run(["list", "--json"])).json).toMatchObject([{ subject: "four" }]);
  expect(server.sessions.flatMap(({ retrieved }) => retrieved)).toEqual([4]);

  const again = await user.run(["baseline", "--json", urlOf(server)]);
  expect(again.json).toEqual([
    {
      type: "summary",
      maildrop: `alice@127.0.0.1:${server.port}`,
      counts: { new: 0, stored: 0, known: 4, skipped: 0, waiting: 0, rebound: 0, deferred: 0, failed: 0 },
      baselined: 0,
      warnings: [],
      exitCode: 0,
      error: null,
    },
  ]);
});

it("marks by header where the unique-ids are of no use, after one message has proved TOP, without QUIT", async () => {
  await using server = await startPop3Server({ maildrop: { uniqueIdOf: uniqueIds.shared } });
  server.maildrop.deliverAll(["one", "two", "three"].map(mail));
  await using user = new User();
  const marked = await user.run(["baseline", "--json", urlOf(server)]);
  expect(marked.json.at(-1)).toMatchObject({ baselined: 3, exitCode: 0 });
  expect(server.count("RETR")).toBe(1);
  expect(server.sessions[0]).toMatchObject({ quit: false });

  server.maildrop.deliver(mail("four"));
  const fetch = await user.run(["fetch", "--json", urlOf(server)]);
  expect(fetch.json.at(-1)).toMatchObject({ counts: { stored: 1, known: 3 }, exitCode: 0 });
  expect(server.count("RETR")).toBe(2);
});

it("says what cannot be marked, and ends with 65", async () => {
  await using server = await startPop3Server({ maildrop: { without: ["UIDL", "TOP"] } });
  server.maildrop.deliverAll(["one", "two"].map(mail));
  await using user = new User();
  const marked = await user.run(["baseline", urlOf(server)]);
  expect(marked.code).toBe(65);
  expect(marked.stdout).toMatch(/: 0 messages marked as known, 0 known already, 2 could not be marked\.\n$/);
  expect(marked.stderr).toContain("message 2 failed");
});

it("counts once what a second session marks again after the first one broke", async () => {
  await using server = await startPop3Server();
  server.maildrop.deliverAll(Array.from({ length: 1200 }, (_, n) => mail(`number ${n}`)));
  server.faults = [{ at: { verb: "TOP", nth: 1100, times: 1 }, do: "close" }];
  await using user = new User();
  const marked = await user.run(["baseline", "--json", urlOf(server)]);
  expect(marked.json.at(-1)).toMatchObject({ counts: { known: 0 }, baselined: 1200, exitCode: 0 });
  const fetch = await user.run(["fetch", "--json", urlOf(server)]);
  expect(fetch.json.at(-1)).toMatchObject({ counts: { stored: 0, known: 1200 }, exitCode: 0 });
});
