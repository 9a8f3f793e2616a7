import { DataSource, type DataSourceOptions } from "typeorm";
import { expect, it } from "vitest";
import {
  createStore,
  mailonceEntities,
  mailonceMigrations,
  openStore,
  type TypeormStore,
} from "../src/index.ts";
import { onEveryDatabase } from "./databases.ts";
import { collect, entry, message, octets } from "./samples.ts";

const MIGRATIONS = mailonceMigrations("sqlite").length;
const GUARD = { generation: 0, leaseToken: null };

/** What TypeORM would change to bring the tables in line with the entities. */
async function drift(dataSource: DataSource): Promise<string[]> {
  const { upQueries } = await dataSource.driver.createSchemaBuilder().log();
  // TypeORM's own book-keeping table is no part of the entities and is left alone by it.
  return upQueries.map(({ query }) => query);
}

onEveryDatabase("the schema", (database) => {
  it("is after the migrations what the entities say", async () => {
    const store = await database.openFresh();
    expect(await drift(store.dataSource)).toEqual([]);
    // The check itself sees a difference.
    const [entity] = store.dataSource.entityMetadatas;
    await store.dataSource.query(`ALTER TABLE ${entity?.tableName} ADD COLUMN surplus int`);
    expect(await drift(store.dataSource)).not.toEqual([]);
  });

  it("can be migrated again after a migration that broke off half way", async () => {
    const options = await database.fresh();
    const { dataSource } = await openStore(options);
    const prefix = options.tablePrefix ?? "mailonce_";
    for (const table of ["outbox", "message_chunk"]) await dataSource.query(`DROP TABLE ${prefix}${table}`);
    await dataSource.query(`DELETE FROM ${prefix}migrations`);
    await dataSource.destroy();
    await using again = await openStore(options);
    expect(await drift(again.dataSource)).toEqual([]);
    expect(await again.dataSource.query(`SELECT name FROM ${prefix}migrations`)).toHaveLength(MIGRATIONS);
  });

  it("can be taken back", async () => {
    await using store = await openStore(await database.fresh());
    for (let count = 0; count < MIGRATIONS; count++)
      await store.dataSource.undoLastMigration({ transaction: "none" });
    const runner = store.dataSource.createQueryRunner();
    const names = store.dataSource.entityMetadatas.map((one) => one.tableName);
    for (const name of names) expect(await runner.hasTable(name)).toBe(false);
    await runner.release();
  });

  it("lives in a user's own DataSource under a prefix, beside the user's tables and another store", async () => {
    const own = await database.openFresh();
    // The user's configuration is not the store's own: bigint as text, local time, the default migrations table.
    const { driver, entities, migrations, migrationsTableName, timezone, bigNumberStrings, ...rest } = own
      .dataSource.options as DataSourceOptions & Record<string, unknown>;
    const dialect =
      own.dataSource.driver.options.type === "better-sqlite3" ? "sqlite" : own.dataSource.options.type;
    if (dialect !== "sqlite" && dialect !== "mariadb" && dialect !== "mysql") throw new Error(dialect);
    const prefixes = ["", "p2_"].map((end) => `u${Math.trunc(Date.now() % 1e6)}${end}`);
    const dataSource = new DataSource({
      ...rest,
      ...(dialect === "sqlite" ? { driver } : { timezone: "+05:30", dateStrings: false }),
      entities: prefixes.flatMap((prefix) => Object.values(mailonceEntities(dialect, prefix))),
      migrations: prefixes.flatMap((prefix) => mailonceMigrations(dialect, prefix)),
      migrationsTableName: `${prefixes[0]}_history`,
    } as DataSourceOptions);
    await dataSource.initialize();
    await dataSource.runMigrations();
    const stores: TypeormStore[] = prefixes.map((tablePrefix) => createStore(dataSource, { tablePrefix }));
    for (const store of stores) {
      const { id } = await store.openMaildrop("a");
      const stored = message();
      const settled = entry("1", { messageId: stored.id, due: new Date("2026-07-01T00:00:00.123Z") });
      await store.transact(id, GUARD, async (tx) => {
        await tx.insertMessages([stored]);
        await tx.insertEntries([settled]);
      });
      expect(await store.entries(id, [octets("1")])).toEqual([settled]);
      expect(await collect(store.messages())).toMatchObject([{ id: stored.id, date: stored.date }]);
      await store[Symbol.asyncDispose]();
    }
    const repository = dataSource.getRepository(
      mailonceEntities(dialect, prefixes[0]).ledgerEntry.options.name,
    );
    expect(await repository.findOneByOrFail({ identity: octets("1") })).toMatchObject({
      octets: 1234,
      strong: false,
    });
    expect(
      (await drift(dataSource)).filter((query) => prefixes.some((prefix) => query.includes(prefix))),
    ).toEqual([]);
    for (let count = 0; count < prefixes.length * MIGRATIONS; count++)
      await dataSource.undoLastMigration({ transaction: "none" });
    await dataSource.query(`DROP TABLE ${prefixes[0]}_history`);
    await dataSource.destroy();
  });

  it("gives its rows to TypeORM's repositories", async () => {
    const store = await database.openFresh();
    const { id } = await store.openMaildrop("Ånn");
    const stored = message();
    const settled = entry("1", { messageId: stored.id, octets: 5_000_000_000 });
    await store.transact(id, GUARD, async (tx) => {
      await tx.insertMessages([stored]);
      await tx.insertEntries([settled]);
    });
    const repository = (end: string) => {
      const metadata = store.dataSource.entityMetadatas.find((one) => one.tableName.endsWith(end));
      return store.dataSource.getRepository(String(metadata?.name));
    };
    expect(await repository("maildrop").findOneByOrFail({ name: "Ånn" })).toMatchObject({
      id,
      uniqueIdsTrusted: true,
    });
    const found = await repository("ledger_entry").findOneByOrFail({ messageId: stored.id });
    const { reason: _reason, ...columns } = settled;
    expect(found).toEqual({ ...columns, maildropId: id, reasonCode: null, reasonMessage: null });
    expect(await repository("_message").findOneByOrFail({ id: stored.id })).toMatchObject({
      subject: stored.subject,
      date: stored.date,
      sha256: stored.sha256,
    });
    await repository("outbox").insert({
      messageId: stored.id,
      hook: "Hook",
      maildropId: id,
      state: "pending",
      idempotencyKey: stored.id,
      attempts: 0,
      createdAt: stored.storedAt,
    });
    expect(await repository("outbox").findOneByOrFail({ hook: "Hook" })).toMatchObject({
      idempotencyKey: stored.id,
    });
    expect(await repository("outbox").findOneBy({ hook: "hook" })).toBeNull();
  });
});
