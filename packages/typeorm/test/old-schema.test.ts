import { DataSource, type DataSourceOptions } from "typeorm";
import { afterAll, describe, expect, it } from "vitest";
import {
  type DialectName,
  mailonceEntities,
  mailonceMigrations,
  type OpenStoreOptions,
  openExistingStore,
  openStore,
  type TypeormStore,
} from "../src/index.ts";
import { tableNames } from "../src/schema/table-names.ts";
import { uuidToOctets } from "../src/values/uuid-octets.ts";
import { onEveryDatabase } from "./databases.ts";
import { collect, entry, knownEntries, nextId, octets, sha256 } from "./samples.ts";
import { failure, onEachServer } from "./test-server.ts";

const GUARD = { generation: 0, leaseToken: null };
const STEPS = mailonceMigrations("sqlite").length;
const TIME = "2026-03-01 12:34:56.789";
const SUBJECT = "From an older version";

/** What an older version had stored in its tables: the columns that there were from the first. */
interface OldMail {
  readonly maildropId: number;
  readonly id: string;
}

/** A database as the version left it that knew so many migrations. */
async function oldDatabase(options: OpenStoreOptions, steps: number): Promise<OldMail> {
  // Made once by this version to learn where it is, and taken apart again.
  const made = await openStore(options);
  const { driver, entities, migrations, ...rest } = made.dataSource.options as DataSourceOptions &
    Record<string, unknown>;
  for (let count = 0; count < STEPS; count++)
    await made.dataSource.undoLastMigration({ transaction: "none" });
  await made[Symbol.asyncDispose]();
  const type = made.dataSource.options.type;
  const dialect: DialectName = type === "mysql" || type === "mariadb" ? type : "sqlite";
  const dataSource = await new DataSource({
    ...rest,
    driver,
    entities: Object.values(mailonceEntities(dialect, options.tablePrefix)),
    migrations: mailonceMigrations(dialect, options.tablePrefix).slice(0, steps),
  } as DataSourceOptions).initialize();
  try {
    await dataSource.runMigrations({ transaction: "none" });
    return await fill(dataSource, dialect, options.tablePrefix);
  } finally {
    await dataSource.destroy();
  }
}

async function fill(
  dataSource: DataSource,
  dialect: DialectName,
  tablePrefix: string | undefined,
): Promise<OldMail> {
  const names = tableNames(tablePrefix);
  const insert = async (table: string, row: Readonly<Record<string, unknown>>): Promise<void> => {
    const columns = Object.keys(row);
    await dataSource.query(
      `INSERT INTO ${table} (${columns.join(", ")}) VALUES (${columns.map(() => "?").join(", ")})`,
      Object.values(row),
    );
  };
  const facts = { generation: 0, unique_ids_trusted: 1, retrieval_hides: 0, sequential: 0 };
  const name = dialect === "sqlite" ? "work" : Buffer.from("work");
  await insert(names.maildrop, { id: 7, name, ...facts, ended_cleanly: 1, last_count: 3 });
  const id = nextId();
  const content = Buffer.from("Subject: x\r\n\r\nold\r\n");
  await insert(names.message, {
    id: Buffer.from(uuidToOctets(id)),
    maildrop_id: 7,
    ...{ digest: Buffer.from(sha256("d")), copy_number: 0, sha256: Buffer.from(sha256(content)) },
    ...{ octets: content.length, subject: SUBJECT, date_header: TIME, stored_at: TIME },
  });
  await insert(names.messageChunk, { message_id: Buffer.from(uuidToOctets(id)), seq: 0, content });
  const known = { maildrop_id: 7, strong: 0, bound: 0, occurrences: 1, first_seen_at: TIME };
  const header = { header_digest: Buffer.from(sha256("h")), core_octets: 5 };
  await insert(names.ledgerEntry, {
    ...{ ...known, ...header, identity: Buffer.from("1"), disposition: "stored", attempts: 0, octets: 19 },
    message_id: Buffer.from(uuidToOctets(id)),
  });
  await insert(names.ledgerEntry, {
    ...{ ...known, identity: Buffer.from("2"), disposition: "deferred", attempts: 1, due_at: TIME },
    ...{ reason_code: "x", reason_message: "y" },
  });
  return { maildropId: 7, id };
}

/** Everything that a command asks that only reads. */
async function expectReadable(store: TypeormStore, { maildropId, id }: OldMail): Promise<void> {
  expect(await store.findMaildrop("work")).toMatchObject({ id: maildropId, lastCount: 3 });
  expect((await store.maildrops()).map(({ name }) => name)).toEqual(["work"]);
  const [message, ...more] = await collect(store.messages({ maildrop: "work", limit: 10 }));
  expect(message).toMatchObject({ id, maildrop: "work", subject: SUBJECT, octets: 19, from: null });
  expect(message?.date?.toISOString()).toBe("2026-03-01T12:34:56.789Z");
  expect(more).toEqual([]);
  expect(await store.findMessages(id.slice(0, 8))).toMatchObject([{ id, subject: SUBJECT }]);
  expect(Buffer.concat(await collect(store.content(id))).toString()).toContain("old");
  expect(await store.entries(maildropId, [octets("1")])).toMatchObject([{ messageId: id }]);
  expect((await collect(store.deferredEntries(maildropId))).flat()).toMatchObject([{ attempts: 1 }]);
  expect(await knownEntries(store, maildropId)).toHaveLength(2);
  const found = await store.transact(maildropId, GUARD, async (tx) => [
    await tx.entries([octets("1")]),
    await tx.entriesNaming([id]),
    await tx.entriesWithHeader([sha256("h")]),
    await tx.copies([sha256("d")]),
    await tx.classEntries([octets("c")]),
  ]);
  expect(found.map((rows) => rows.length)).toEqual([1, 1, 1, 1, 0]);

  expect(await store.leaseHolder(maildropId)).toBeNull();
  expect(await store.pendingHooks(id)).toEqual([]);
  expect(await collect(store.outbox.entries({ states: ["pending"], maildrop: "work" }))).toEqual([]);
  expect(await store.outbox.find(id)).toEqual([]);
  expect(await store.outbox.depth()).toEqual({ pending: 0, dead: 0, oldest: null });
  expect(await store.accounts.list()).toEqual([]);
  expect(await store.accounts.version()).toMatch(/^0 /);
  expect(await store.standings.all()).toEqual(new Map());
  expect(await store.standings.find("work")).toBeNull();
  expect(await store.addresses.maildropsOf("work@example.org")).toEqual([]);
  expect(await store.tokens.find("work")).toBeNull();
  expect(await store.tokens.accounts()).toEqual([]);
  expect(await store.contents.read(id)).toBeNull();
  expect(await store.contents.status(1)).toMatchObject({ messages: 1, made: 0, waiting: 1 });
}

async function existing(options: OpenStoreOptions): Promise<TypeormStore> {
  const store = await openExistingStore(options);
  if (store === null) throw new Error("There is no store.");
  return store;
}

onEveryDatabase("a database that an older version has made", (database) => {
  it.each(Array.from({ length: STEPS - 1 }, (_, index) => index + 1))(
    "with %i migrations is read as it is, left as it is, and brought up to date by who writes",
    async (steps) => {
      const options = await database.fresh();
      const mail = await oldDatabase(options, steps);
      for (let twice = 0; twice < 2; twice++) {
        await using store = await existing(options);
        expect(store.schema).toMatchObject({ state: "outdated", unknown: [] });
        expect(store.schema?.done).toHaveLength(steps);
        expect(store.schema?.due).toHaveLength(STEPS - steps);
        await expectReadable(store, mail);
      }
      await using current = await openStore(options);
      expect(current.schema).toMatchObject({ state: "current", due: [] });
      await expectReadable(current, mail);
      await current.transact(mail.maildropId, GUARD, (tx) => tx.insertEntries([entry("3")]));
    },
  );

  it("is searched by what stands in its rows and headers, and says what to do for words", async () => {
    for (const steps of [1, STEPS - 2, STEPS - 1]) {
      const options = await database.fresh();
      await oldDatabase(options, steps);
      await using store = await existing(options);
      const { messages } = await store.search({ query: "octets:>0 -subject:elsewhere" });
      expect(messages.map(({ message: { subject } }) => subject)).toEqual([SUBJECT]);
      // Of the words SQLite's index has been there before.
      if (steps > 1 && store.dataSource.options.type === "better-sqlite3") continue;
      expect(await failure(store.search({ query: "invoice" }))).toMatchObject({
        code: "store-outdated",
        message: expect.stringContaining("mailonce database migrate"),
      });
    }
  });

  it("may lack any column that came later, and any index: it is null", async () => {
    const options = await database.fresh();
    const mail = await oldDatabase(options, STEPS);
    const { message, ledgerEntry, migrations } = tableNames(options.tablePrefix);
    {
      await using store = await openStore(options);
      const { dataSource } = store;
      const isSqlite = dataSource.options.type === "better-sqlite3";
      for (const column of ["to_header", "message_id_header"])
        await dataSource.query(`ALTER TABLE ${message} DROP COLUMN ${column}`);
      await dataSource.query(`ALTER TABLE ${ledgerEntry} DROP COLUMN criteria_digest`);
      for (const index of ["header_ix", "class_ix"])
        await dataSource.query(`DROP INDEX ${ledgerEntry}_${index}${isSqlite ? "" : ` ON ${ledgerEntry}`}`);
      await dataSource.query(`DELETE FROM ${migrations} WHERE name LIKE '%lighten_indexes%'`);
    }
    await using store = await existing(options);
    expect(store.schema?.state).toBe("outdated");
    await expectReadable(store, mail);
    expect(await collect(store.messages())).toMatchObject([{ to: null, messageIdHeader: null }]);
    expect(await store.entries(mail.maildropId, [octets("2")])).toMatchObject([{ criteriaDigest: null }]);
  });
});

onEveryDatabase("a database that a later version has changed", (database) => {
  const changed: OpenStoreOptions[] = [];
  // Whoever takes the tables away opens them to write.
  afterAll(async () => {
    for (const options of changed) {
      await using store = await existing(options);
      const { migrations } = tableNames(options.tablePrefix);
      await store.dataSource.query(`DELETE FROM ${migrations} WHERE name LIKE '%wonders%'`);
    }
  });

  async function later(): Promise<{ readonly options: OpenStoreOptions; readonly mail: OldMail }> {
    const options = await database.fresh();
    changed.push(options);
    const mail = await oldDatabase(options, STEPS);
    const { prefix, migrations, message } = tableNames(options.tablePrefix);
    await using store = await openStore(options);
    await store.dataSource.query(
      `INSERT INTO ${migrations} (timestamp, name) VALUES (1999999999999, '${prefix}add_wonders_1999999999999')`,
    );
    await store.dataSource.query(`ALTER TABLE ${message} ADD COLUMN wonder int`);
    return { options, mail };
  }

  it("is read as far as this one knows it, and not written to", async () => {
    const { options, mail } = await later();
    expect(await failure(openStore(options))).toMatchObject({
      code: "store-newer",
      message: expect.stringMatching(/by a later version of Mailonce, and this one writes nothing into it/),
    });
    await using store = await existing(options);
    expect(store.schema).toMatchObject({ state: "newer", due: [] });
    expect(store.schema?.unknown).toEqual([expect.stringMatching(/add_wonders_1999999999999$/)]);
    await expectReadable(store, mail);
    const { maildropId } = mail;
    const request = { token: "t", owner: "o", ttlMs: 1000, isDead: () => false };
    for (const write of [
      () => store.openMaildrop("other"),
      () => store.transact(maildropId, GUARD, (tx) => tx.insertEntries([entry("3")])),
      () => store.acquireLease("other", request),
      () => store.tokens.put("work", octets("sealed")),
    ])
      expect(await failure(write())).toMatchObject({ code: "store-newer" });
    expect(await store.entries(maildropId, [octets("3")])).toEqual([]);
  });

  it("says so where what it looks for is gone", async () => {
    const { options } = await later();
    {
      await using store = await existing(options);
      await store.dataSource.query(
        `ALTER TABLE ${tableNames(options.tablePrefix).message} DROP COLUMN subject`,
      );
    }
    await using store = await existing(options);
    expect(await failure(collect(store.messages()))).toMatchObject({ code: "store-newer" });
    expect(await store.maildrops()).toHaveLength(1);
  });

  it("is not taken for one because of the migrations of a program's own", async () => {
    const options = await database.fresh();
    const { migrations } = tableNames(options.tablePrefix);
    {
      await using store = await openStore(options);
      await store.dataSource.query(
        `INSERT INTO ${migrations} (timestamp, name) VALUES (1999999999999, 'AddOrders1999999999999')`,
      );
    }
    await using store = await openStore(options);
    expect(store.schema?.state).toBe("current");
  });
});

onEachServer("an account that may only read", (start) => {
  it("reads tables of this version and of an older one, looks into transactions, and writes nothing", async () => {
    await using server = await start();
    const database = await server.createDatabase();
    const all = { url: await server.account(database) };
    const reading = { url: await server.account(database, { granted: "SELECT" }) };
    for (const steps of [2, STEPS]) {
      const mail = await oldDatabase(all, steps);
      await using store = await existing(reading);
      await expectReadable(store, mail);
      const write = store.transact(mail.maildropId, GUARD, (tx) => tx.insertEntries([entry("3")]));
      expect(await failure(write)).toMatchObject({
        code: "store-unavailable",
        message: expect.stringMatching(/does not grant/),
      });
      if (steps < STEPS)
        expect(await failure(openStore(reading))).toMatchObject({
          code: "store-unavailable",
          message: expect.stringMatching(/does not grant the user that: CREATE.*'mailonce database migrate'/),
        });
      await using writer = await openStore(all);
      expect(await writer.entries(mail.maildropId, [octets("3")])).toEqual([]);
    }
  });

  it("looks into a server that is read-only, too", async () => {
    await using server = await start();
    const options = { url: await server.account(await server.createDatabase()) };
    const mail = await oldDatabase(options, STEPS);
    await server.sql("SET GLOBAL read_only = ON");
    await using store = await existing(options);
    await expectReadable(store, mail);
    const write = store.transact(mail.maildropId, GUARD, (tx) => tx.insertEntries([entry("3")]));
    expect(await failure(write)).toMatchObject({ message: expect.stringMatching(/is read-only/) });
  });
});

describe("the store's bound of keys a call", () => {
  onEveryDatabase("which is a thousand", (database) => {
    it("is kept by all that asks for entries", async () => {
      const store = await database.open();
      const { id } = await store.openMaildrop("a");
      const names = Array.from({ length: 1000 }, (_, index) => `unique-id ${index}`);
      const rows = names.map((name) =>
        entry(name, { headerDigest: sha256(name), classUniqueId: octets(name), coreOctets: 1 }),
      );
      await store.transact(id, GUARD, (tx) => tx.insertEntries(rows));
      const keys = names.map(octets);
      expect(await store.entries(id, keys)).toHaveLength(1000);
      const found = await store.transact(id, GUARD, async (tx) => [
        await tx.entries(keys),
        await tx.classEntries(keys),
        await tx.entriesWithHeader(names.map(sha256)),
        await tx.entriesNaming(names.map(() => nextId())),
        await tx.copies(names.map(sha256)),
      ]);
      expect(found.map((each) => each.length)).toEqual([1000, 1000, 1000, 0, 0]);
      await store.transact(id, GUARD, async (tx) => {
        await tx.updateEntries(rows.map((row) => ({ ...row, attempts: 2 })));
        await tx.deleteEntries(keys.slice(0, 999));
      });
      expect(await knownEntries(store, id)).toMatchObject([{ attempts: 2 }]);
    });
  });
});
