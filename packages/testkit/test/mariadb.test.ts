import { afterAll, beforeAll, expect, test } from "vitest";
import { connectMariaDb, type MariaDb, startMariaDb, waitForPort } from "../src/index.ts";

let server: MariaDb;
beforeAll(async () => {
  server = await startMariaDb();
});
afterAll(() => server.stop());

test("makes a fresh utf8mb4 database with a user of its own at each call", async () => {
  const [first, second] = await Promise.all([
    server.createDatabase(),
    connectMariaDb(server).createDatabase(),
  ]);
  expect(first.name).not.toBe(second.name);
  expect(first.url).toBe(`mysql://${first.user}:${first.password}@127.0.0.1:${server.port}/${first.name}`);
  expect(first.mariadbUrl).toBe(first.url.replace("mysql:", "mariadb:"));
  const sql = `SELECT default_character_set_name FROM information_schema.schemata WHERE schema_name = '${first.name}'`;
  expect(await server.sql(sql)).toBe("utf8mb4\n");
  expect(await server.sql("SELECT @@log_bin, @@innodb_flush_log_at_trx_commit, @@max_allowed_packet")).toBe(
    "0\t1\t16777216\n",
  );
});

test("keeps what was committed over SIGKILL and a new start on the same port", async () => {
  const { name } = await server.createDatabase();
  await server.sql(`CREATE TABLE ${name}.t (n INT); INSERT INTO ${name}.t VALUES (42)`);
  await server.kill();
  await expect(waitForPort(server.port, { timeout: 0 })).rejects.toThrow();
  await server.start();
  expect(await server.sql(`SELECT n FROM ${name}.t`)).toBe("42\n");
});

test("answers nothing while it is paused, and then everything", async () => {
  await server.pause();
  let answered = false;
  const answer = server.sql("SELECT 1").then((rows) => {
    answered = true;
    return rows;
  });
  // The kernel accepts for it, but nobody greets.
  const greeting = { greeting: /./, timeout: 0 };
  await expect(waitForPort(server.port, greeting)).rejects.toThrow();
  expect(answered).toBe(false);
  server.resume();
  expect(await answer).toBe("1\n");
});

test("starts several servers at once", async () => {
  const servers = await Promise.all([1, 2, 3, 4].map(() => startMariaDb()));
  const answers = await Promise.all(servers.map((each) => each.sql("SELECT @@port")));
  expect(answers).toEqual(servers.map(({ port }) => `${port}\n`));
  await Promise.all(servers.map((each) => each.stop()));
});
