import { type MariaDb, type Pop3Server, startMariaDb, startPop3Server } from "@mailonce/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { build, type Running, User } from "./mailonce.ts";

beforeAll(build, 180_000);

const urlOf = (server: Pop3Server): string => `pop3://alice@127.0.0.1:${server.port}?tls=none`;

/** Three messages, of which the server holds the third back until it is released. */
async function slowServer(): Promise<{ server: Pop3Server; release: () => void }> {
  const server = await startPop3Server();
  server.maildrop.deliverAll(
    ["one", "two", "three"].map((text) => Buffer.from(`Subject: ${text}\r\n\r\n${text}\r\n`)),
  );
  let release = (): void => undefined;
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  server.faults = [{ at: { verb: "RETR", messageNumber: 3, times: 1 }, do: "hold", until: () => held }];
  return { server, release };
}

/** A fetch that is in the middle of the maildrop. */
async function startFetch(user: User, server: Pop3Server, database: readonly string[]): Promise<Running> {
  const running = user.start(["fetch", "--json", ...database, urlOf(server)]);
  await server.waitFor(({ sessions }) => (sessions[0]?.retrieved.length ?? 0) >= 2);
  return running;
}

function oneAtATime(title: string, freshDatabase: () => Promise<readonly string[]>): void {
  describe(`of two fetches of one maildrop on ${title}`, () => {
    it("the second says who is at work, logs in nowhere and ends with 75; with --wait it goes on after", async () => {
      const database = await freshDatabase();
      const { server, release } = await slowServer();
      await using user = new User();
      const first = await startFetch(user, server, database);

      const second = await user.run(["fetch", "--json", ...database, urlOf(server)]);
      const said = new RegExp(`process ${first.child.pid} on .* is working on this maildrop.*--wait`);
      expect(second).toMatchObject({ code: 75, stderr: expect.stringMatching(said) });
      expect(second.json).toMatchObject([
        {
          type: "summary",
          exitCode: 75,
          error: { code: "in-use-here", message: expect.stringMatching(said) },
        },
      ]);
      const impatient = await user.run(["fetch", "--wait", "0", ...database, urlOf(server)]);
      expect(impatient.code).toBe(75);
      expect((await user.run(["check", ...database, urlOf(server)])).code).toBe(0);
      const logins = server.count("PASS");

      const third = user.start(["fetch", "--json", "--wait", ...database, urlOf(server)]);
      await third.shown(`waiting for process ${first.child.pid} on `);
      // What it has begun to connect it has ended; the session that is open is the first one's.
      await server.waitFor(({ sessions }) => sessions.slice(1).every(({ ended }) => ended !== "open"));
      expect(server.count("PASS")).toBe(logins);
      release();
      expect((await first.ended).json.at(-1)).toMatchObject({ counts: { stored: 3 }, exitCode: 0 });
      const { json, stderr } = await third.ended;
      expect(json.at(-1)).toMatchObject({ counts: { stored: 0, known: 3 }, exitCode: 0, error: null });
      expect(stderr.match(/waiting for/g)).toHaveLength(1);
      expect(server.count("RETR")).toBe(3);
      await server.close();
    });

    it.each(["SIGKILL", "SIGTERM"] as const)(
      "the second just works after a %s to the first",
      async (signal) => {
        const database = await freshDatabase();
        const { server, release } = await slowServer();
        await using user = new User();
        const first = await startFetch(user, server, database);
        first.child.kill(signal);
        await first.ended;
        release();
        const second = await user.run(["fetch", "--json", ...database, urlOf(server)]);
        expect(second).toMatchObject({ code: 0, stderr: "" });
        const listed = await user.run(["list", "--json", ...database]);
        expect(listed.json.map(({ subject }) => subject).sort()).toEqual(["one", "three", "two"]);
        await server.close();
      },
    );
  });
}

oneAtATime("SQLite", async () => []);

let mariaDb: MariaDb | undefined;
beforeAll(async () => {
  mariaDb = await startMariaDb();
});
afterAll(() => mariaDb?.stop());
oneAtATime("MariaDB", async () => {
  if (mariaDb === undefined) throw new Error("MariaDB has not started");
  return ["--database", (await mariaDb.createDatabase()).mariadbUrl];
});

it("waits no longer than it is told, ends at once on Ctrl-C, and takes a URL after --wait for a URL", async () => {
  const { server, release } = await slowServer();
  await using user = new User();
  const first = await startFetch(user, server, []);
  expect(await user.run(["fetch", "--wait", "1", urlOf(server)])).toMatchObject({
    code: 75,
    stderr: expect.stringMatching(/waiting for process \d+ on .*\n.*still working .* after 1 seconds/),
  });
  for (const command of ["fetch", "baseline"]) {
    const waiting = user.start([command, "--wait", urlOf(server)]);
    await waiting.shown("waiting for process");
    waiting.child.kill("SIGINT");
    expect(await waiting.ended).toMatchObject({ code: 130 });
  }
  release();
  expect((await first.ended).code).toBe(0);
  await server.close();
});
