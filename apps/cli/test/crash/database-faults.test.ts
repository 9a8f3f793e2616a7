import { chmodSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { openDatabase } from "@mailonce/runtime";
import {
  type MariaDb,
  type Pop3Server,
  sampleMail,
  simpleMail,
  startMariaDb,
  startPop3Server,
} from "@mailonce/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { build } from "../mailonce.ts";
import { type CommandEnd, endOf, fetchOnce, fetchUntilDone, startFetch } from "./command.ts";
import { type CrashDatabase, mariaDatabase, sqliteFile } from "./crash-database.ts";
import { MysqlProxy } from "./mysql-proxy.ts";
import { compareStored } from "./stored-check.ts";

beforeAll(build, 180_000);

const RIGHT = { duplicates: 0, losses: 0, strangers: 0 };
const small = sampleMail(40, 22, { special: false, largeAttachment: 0 });
const mail = sampleMail(12, 21, { special: false, largeAttachment: 1_200_000 });

async function serverWithMail(): Promise<Pop3Server> {
  const server = await startPop3Server({ maildrop: { hidesRetrieved: true } });
  server.maildrop.deliverAll(mail);
  return server;
}

/** At its sixth message the command waits until `work` is done. */
function meanwhile(server: Pop3Server, work: () => Promise<unknown>): void {
  server.faults = [{ at: { verb: "RETR", nth: 6, afterOctets: 100, times: 1 }, do: "hold", until: work }];
}

/** The command ended as it should where the database does not do: one clear line, nothing of mail, SQL or stacks. */
function expectClearError(end: CommandEnd, part: RegExp): void {
  expect(end).toMatchObject({ exitCode: 69 });
  const notes = end.notes.filter((note) => !/^mailonce: new database \//.test(note));
  expect(notes).toHaveLength(1);
  expect(notes[0]).toMatch(part);
  expect(end.output).not.toMatch(/INSERT|SELECT|Subject|\n\s+at /);
  const summary = JSON.parse(
    end.output.split("\n").find((line) => line.includes('"type":"summary"')) ?? "{}",
  );
  expect(summary).toMatchObject({ exitCode: 69, error: { code: "store-unavailable" } });
}

/** Nothing is there in parts, and a clean run completes it. */
async function expectRecovery(
  server: Pop3Server,
  database: CrashDatabase,
  served: readonly Uint8Array[] = mail,
): Promise<void> {
  server.faults = [];
  expect(await compareStored(database.url, served)).toMatchObject({ duplicates: 0, strangers: 0 });
  const ends = await fetchUntilDone(server, database.url);
  expect(ends.at(-1)?.output).toContain('"exitCode":0');
  expect(await compareStored(database.url, served)).toEqual({ ...RIGHT, stored: served.length });
}

describe("a fetch into MariaDB", () => {
  let maria: MariaDb | undefined;
  beforeAll(async () => {
    maria = await startMariaDb({ parameters: ["--innodb-lock-wait-timeout=1"] });
  });
  afterAll(() => maria?.stop());

  async function trouble() {
    if (maria === undefined) throw new Error("MariaDB has not started");
    return { maria, database: await mariaDatabase(maria), server: await serverWithMail() };
  }

  it("ends with 69 when the server is killed in a transaction, and completes when it is back", async () => {
    const { maria, database, server } = await trouble();
    await using _database = database;
    await using _server = server;
    await using proxy = await MysqlProxy.start(maria.port);
    let killed: Promise<void> | undefined;
    const strike = (): void => {
      killed = maria.kill();
    };
    proxy.strike = {
      at: ({ sql }) => sql.startsWith("INSERT INTO mailonce_message "),
      moment: "after",
      strike,
    };
    expectClearError(
      await endOf(await startFetch(server, proxy.urlOf(database.url))),
      /MariaDB|database|server/i,
    );
    await killed;
    expectClearError(await fetchOnce(server, database.url), /refuses connections/);
    await maria.start();
    await expectRecovery(server, database);
  });

  it("loses nothing when the server is killed and started again in mid-run", async () => {
    const { maria, database, server } = await trouble();
    await using _database = database;
    await using _server = server;
    meanwhile(server, async () => {
      await maria.kill();
      await maria.start();
    });
    const end = await fetchOnce(server, database.url);
    if (end.exitCode !== 0) expectClearError(end, /broke the connection/);
    await expectRecovery(server, database);
  });

  it("waits for a server that is paused, and goes on with it", async () => {
    const { maria, database, server } = await trouble();
    await using _database = database;
    await using _server = server;
    await using proxy = await MysqlProxy.start(maria.port);
    let arrived: Promise<void> | undefined;
    meanwhile(server, async () => {
      await maria.pause();
      arrived = proxy.next(/./).then(() => maria.resume());
    });
    const end = await endOf(await startFetch(server, proxy.urlOf(database.url)));
    await arrived;
    expect(end).toMatchObject({ exitCode: 0, notes: [] });
    await expectRecovery(server, database);
  });

  it.each([
    ["the answer to a commit is lost", "after"],
    ["a commit does not arrive", "before"],
    ["the connection ends with a commit under way", "during"],
  ] as const)("stores each message once when %s", async (_what, moment) => {
    const { maria, database, server } = await trouble();
    await using _database = database;
    await using _server = server;
    await using proxy = await MysqlProxy.start(maria.port);
    // Other connections commit, too: what is remembered of the login, say.
    let inserting: number | null = null;
    proxy.strike = {
      at: ({ sql, connection }) => {
        if (sql.startsWith("INSERT INTO mailonce_message ")) inserting ??= connection;
        return inserting === connection && sql === "COMMIT";
      },
      moment,
      strike: (connection) => connection.cut(),
    };
    const end = await endOf(await startFetch(server, proxy.urlOf(database.url)));
    expect(proxy.strike).toBeNull();
    if (end.exitCode !== 0) expectClearError(end, /whether the last change took effect is not known/);
    const afterwards = await compareStored(database.url, mail);
    if (moment === "after") expect(afterwards.stored).toBeGreaterThan(0);
    if (moment === "before") expect(afterwards.stored).toBe(0);
    await expectRecovery(server, database);
  });

  it("tries again when it waits too long for a lock", async () => {
    const { maria, database, server } = await trouble();
    await using _database = database;
    await using _server = server;
    await using store = await openDatabase(database.url, {});
    const other = store.dataSource.createQueryRunner();
    await using proxy = await MysqlProxy.start(maria.port);
    let released: Promise<void> | undefined;
    meanwhile(server, async () => {
      await other.startTransaction();
      await other.query("SELECT id FROM mailonce_maildrop FOR UPDATE");
      // Rolled back once for having waited too long (errno 1205): only then may it have the row.
      released = proxy.next(/^ROLLBACK/).then(() => other.commitTransaction());
    });
    const end = await endOf(await startFetch(server, proxy.urlOf(database.url)));
    await released;
    await other.release();
    expect(end).toMatchObject({ exitCode: 0, notes: [] });
    await expectRecovery(server, database);
  });

  it("tries again when it is the victim of a deadlock", async () => {
    const { maria, database, server } = await trouble();
    await using _database = database;
    await using _server = server;
    await using store = await openDatabase(database.url, {});
    await store.dataSource.query("CREATE TABLE weight (id int PRIMARY KEY) ENGINE=InnoDB");
    const other = store.dataSource.createQueryRunner();
    await using proxy = await MysqlProxy.start(maria.port);
    let crossed: Promise<void> | undefined;
    meanwhile(server, async () => {
      await other.startTransaction("REPEATABLE READ");
      // InnoDB sacrifices the transaction that has changed less.
      await other.query("INSERT INTO weight SELECT seq FROM seq_1_to_5000");
      await other.query("SELECT identity FROM mailonce_ledger_entry FOR UPDATE");
      crossed = proxy.next(/^INSERT INTO mailonce_ledger_entry/).then(async () => {
        await other.query("UPDATE mailonce_maildrop SET pause_reason = NULL");
        await other.commitTransaction();
      });
    });
    const end = await endOf(await startFetch(server, proxy.urlOf(database.url)));
    await crossed;
    await other.release();
    expect(await maria.sql("SHOW GLOBAL STATUS LIKE 'Innodb_deadlocks'")).not.toMatch(/\t0\n/);
    expect(end).toMatchObject({ exitCode: 0, notes: [] });
    await expectRecovery(server, database);
  });

  it("ends with 69 when the server becomes read-only, and completes when it is not any more", async () => {
    const { maria, database, server } = await trouble();
    await using _database = database;
    await using _server = server;
    meanwhile(server, () => maria.sql("SET GLOBAL read_only = 1"));
    const end = await fetchOnce(server, database.url);
    const again = await fetchOnce(server, database.url);
    await maria.sql("SET GLOBAL read_only = 0");
    expectClearError(end, /is read-only/);
    expectClearError(again, /is read-only/);
    await expectRecovery(server, database);
  });

  it("ends with 69 when the user may no longer insert, and completes when it may again", async () => {
    const { maria, database, server } = await trouble();
    await using _database = database;
    await using _server = server;
    const later = server.maildrop.messages.slice(5);
    for (const message of later) server.maildrop.remove(message);
    expect(await fetchOnce(server, database.url)).toMatchObject({ exitCode: 0 });
    for (const { bytes } of later) server.maildrop.deliver(bytes);
    const name = new URL(database.url).username;
    const everything = `${name}.* TO '${name}'@'127.0.0.1'`;
    await maria.sql(
      `REVOKE ALL ON ${name}.* FROM '${name}'@'127.0.0.1'; GRANT SELECT, UPDATE ON ${everything}`,
    );
    const end = await fetchOnce(server, database.url);
    await maria.sql(`GRANT ALL ON ${everything}`);
    expectClearError(end, /does not grant/);
    await expectRecovery(server, database);
  });
});

describe("a fetch into SQLite", () => {
  it.each([48, 130, 200])(
    "ends with 69 when no file may grow over %d KiB, and completes later",
    async (size) => {
      await using database = sqliteFile();
      await using server = await startPop3Server({ maildrop: { hidesRetrieved: true } });
      server.maildrop.deliverAll(small);
      // As on a full disk, for every file of the process: the write fails (SIGXFSZ would end it).
      const script = `trap '' XFSZ; ulimit -f ${size * 2}; exec "$@"`;
      const end = await endOf(
        await startFetch(server, database.url, undefined, ["/bin/sh", "-c", script, "sh"]),
      );
      expectClearError(end, /disk/);
      await expectRecovery(server, database, small);
    },
  );

  it("ends with 69 when its file and folder are read-only, and completes when they are not any more", async () => {
    await using database = sqliteFile();
    await using server = await serverWithMail();
    server.faults = [{ at: { verb: "RETR", nth: 6, times: 1 }, do: "close" }];
    await fetchUntilDone(server, database.url);
    server.maildrop.deliver(
      simpleMail({ from: "a@b.c", to: "d@e.f", subject: "x", date: new Date(0), body: "x" }),
    );
    const folder = dirname(database.file);
    const { uid } = statSync(folder);
    chmodSync(database.file, 0o444);
    chmodSync(folder, 0o555);
    // Nothing is read-only for root.
    const nobody: readonly string[] = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--"];
    const through = uid === 0 ? nobody : [];
    const end = await endOf(await startFetch(server, database.url, undefined, through));
    chmodSync(folder, 0o755);
    chmodSync(database.file, 0o600);
    expectClearError(end, /read-only|cannot be opened/);
    const all = server.maildrop.messages.map(({ bytes }) => bytes);
    expect(await compareStored(database.url, all)).toEqual({
      duplicates: 0,
      losses: 1,
      strangers: 0,
      stored: 12,
    });
    expect((await fetchUntilDone(server, database.url)).at(-1)).toMatchObject({ exitCode: 0 });
    expect(await compareStored(database.url, all)).toEqual({ ...RIGHT, stored: 13 });
  });
});
