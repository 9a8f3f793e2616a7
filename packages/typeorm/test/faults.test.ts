import { inspect } from "node:util";
import {
  DuplicateKeyError,
  PART_OCTETS,
  StoreUnavailableError,
  TransactionConflictError,
} from "@mailonce/core";
import { type MariaDb, startMariaDb } from "@mailonce/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createStore, openStore, type TypeormStore } from "../src/index.ts";
import { onEveryDatabase, onServers } from "./databases.ts";
import { runElsewhere } from "./elsewhere.ts";
import { collect, contentOf, entry, message, octets, streamedContent } from "./samples.ts";

const GUARD = { generation: 0, leaseToken: null };

onEveryDatabase("an error of the store", (database) => {
  it("holds no mail, no SQL and no password", async () => {
    const options = await database.fresh();
    await using store = await openStore(options);
    const { id } = await store.openMaildrop("a");
    const secret = "Secret-of-the-mail";
    const mail = () =>
      message({ subject: secret, from: secret, content: contentOf(new TextEncoder().encode(secret)) });
    const first = mail();
    await store.transact(id, GUARD, (tx) => tx.insertMessages([first]));
    const failures: (() => Promise<void>)[] = [
      () => store.transact(id, GUARD, (tx) => tx.insertMessages([{ ...mail(), id: first.id }])),
      () => store.transact(id, GUARD, (tx) => tx.insertEntries([entry(secret), entry(secret)])),
      () => store.transact(id, GUARD, (tx) => tx.insertEntries([entry(secret, { messageId: message().id })])),
      () =>
        store.transact(id, GUARD, (tx) =>
          tx.insertEntries([entry(secret, { disposition: secret as never })]),
        ),
    ];
    for (const [index, failing] of failures.entries()) {
      const error: unknown = await failing().catch((reason: unknown) => reason);
      if (index < 2) expect(error).toBeInstanceOf(DuplicateKeyError);
      const shown = inspect(error, { depth: null, showHidden: true });
      const password = /:\/\/[^:]*:([^@]+)@/.exec(options.url)?.[1];
      expect(shown).not.toMatch(/Secret|INSERT INTO|VALUES|5365637265742d/i);
      if (password !== undefined) expect(shown).not.toContain(password);
    }
  });
});

onEveryDatabase("a large message", (database) => {
  it("stands in the database in the parts in which a spool keeps it", async () => {
    const store = await database.open();
    const { id } = await store.openMaildrop("a");
    const large = message({ content: streamedContent(2 * PART_OCTETS + 1, (part) => part.fill(7)) });
    await store.transact(id, GUARD, (tx) => tx.insertMessages([large]));
    const table = store.dataSource.entityMetadatas.find(({ tableName }) => tableName.endsWith("chunk"));
    const rows = await store.dataSource.query(
      `SELECT seq, LENGTH(content) AS octets FROM ${table?.tableName} ORDER BY seq`,
    );
    expect(rows.map((row: { octets: unknown }) => Number(row.octets))).toEqual([PART_OCTETS, PART_OCTETS, 1]);
  });

  it("of 200 MB goes in and out octet by octet in bounded memory", async () => {
    const store = await database.open();
    const { id } = await store.openMaildrop("a");
    const size = 200_000_001;
    const at = (offset: number) => (offset * 7 + (offset >> 13)) & 0xff;
    const before = process.memoryUsage().rss;
    let highest = 0;
    const watch = () => {
      highest = Math.max(highest, process.memoryUsage().rss - before);
    };
    const large = message({
      content: streamedContent(size, (part, offset) => {
        watch();
        for (let i = 0; i < part.length; i++) part[i] = at(offset + i);
      }),
    });
    await store.transact(id, GUARD, (tx) => tx.insertMessages([large]));
    let offset = 0;
    for await (const chunk of store.content(large.id)) {
      watch();
      expect(chunk.length).toBeLessThanOrEqual(PART_OCTETS);
      for (const octet of chunk) {
        if (octet !== at(offset)) throw new Error(`octet ${offset} differs`);
        offset++;
      }
    }
    expect(offset).toBe(size);
    expect(highest).toBeLessThan(120_000_000);
  });
});

onServers("a server", (database) => {
  it("is migrated by several processes at once", async () => {
    const options = await database.fresh();
    await Promise.all([1, 2, 3].map(() => runElsewhere("migrate", options)));
    await using store = await openStore(options);
    expect(await store.findMaildrop("shared")).not.toBeNull();
  });

  it("does not keep a caller waiting for ever when all connections of the pool are taken", async () => {
    const { url, tablePrefix } = await database.fresh();
    const prefix = tablePrefix === undefined ? {} : { tablePrefix };
    await using own = await openStore({ url, ...prefix });
    const store = createStore(own.dataSource, { patienceMs: 200, ...prefix });
    const runners = Array.from({ length: 10 }, () => own.dataSource.createQueryRunner());
    for (const runner of runners) await runner.connect();
    await expect(store.findMaildrop("a")).rejects.toThrow(StoreUnavailableError);
    const patient = own.findMaildrop("a");
    for (const runner of runners) await runner.release();
    expect(await patient).toBeNull();
    // None was lost: all ten can be had again.
    await Promise.all(Array.from({ length: 10 }, () => store.findMaildrop("a")));
    const again = Array.from({ length: 10 }, () => own.dataSource.createQueryRunner());
    for (const runner of again) await runner.connect();
    for (const runner of again) await runner.release();
  });
});

describe("MariaDB whose disk is full", () => {
  it("is said to be full, and keeps what was stored whole", async () => {
    await using server = await startMariaDb({
      parameters: ["--innodb-data-file-path=ibdata1:12M;ibdata2:60M", "--innodb-file-per-table=OFF"],
    });
    await using store = await openStore({ url: (await server.createDatabase()).url });
    const { id } = await store.openMaildrop("a");
    const bytes = new Uint8Array(1_000_000).fill(97);
    const storeOne = (name: string) =>
      store.transact(id, GUARD, async (tx) => {
        const one = message({ content: contentOf(bytes) });
        await tx.insertMessages([one]);
        await tx.insertEntries([entry(name, { messageId: one.id })]);
      });
    let stored = 0;
    let full: unknown = null;
    while (full === null && stored < 100)
      await storeOne(`${stored}`).then(
        () => stored++,
        (error: unknown) => {
          full = error;
        },
      );
    expect(full).toMatchObject({
      code: "store-unavailable",
      message: expect.stringMatching(/is full: make room/),
    });
    expect(stored).toBeGreaterThan(0);
    expect(await collect(store.messages())).toHaveLength(stored);
    expect(await store.entries(id, [octets(`${stored}`)])).toEqual([]);
  });
});

describe("MariaDB in trouble", () => {
  let server: MariaDb | undefined;
  let store: TypeormStore | undefined;
  beforeAll(async () => {
    server = await startMariaDb({
      parameters: ["--max-allowed-packet=1M", "--innodb-lock-wait-timeout=1"],
    });
    store = await openStore({ url: (await server.createDatabase()).url });
  });
  afterAll(async () => {
    await store?.[Symbol.asyncDispose]();
    await server?.stop();
  });

  async function trouble(): Promise<{ server: MariaDb; store: TypeormStore; id: number }> {
    if (server === undefined || store === undefined) throw new Error("MariaDB has not started");
    return { server, store, id: (await store.openMaildrop("a")).id };
  }

  it("takes a message many times as large as its packets", async () => {
    const { store, id } = await trouble();
    const bytes = new Uint8Array(5_000_000).map((_, index) => index % 251);
    const messages = Array.from({ length: 3 }, () => message({ content: contentOf(bytes) }));
    await store.transact(id, GUARD, (tx) => tx.insertMessages(messages));
    for (const one of messages) {
      expect(Buffer.concat(await collect(store.content(one.id))).equals(bytes)).toBe(true);
    }
  });

  it("lets a transaction be run again that waited too long for another", async () => {
    const { store, id } = await trouble();
    await store.transact(id, GUARD, async () => {
      const waiting = store.transact(id, GUARD, async () => {});
      await expect(waiting).rejects.toThrow(TransactionConflictError);
    });
  });

  it("gives up a server that has fallen silent, in the middle of a transaction or outside, and closes", async () => {
    const { server } = await trouble();
    const { url } = await server.createDatabase();
    const impatient = await openStore({ url, answerMs: 300 });
    const { id } = await impatient.openMaildrop("a");
    const silent = impatient.transact(id, GUARD, async (tx) => {
      await server.pause();
      await tx.updateMaildrop({ lastCount: 7 });
    });
    await expect(silent).rejects.toThrow(/has not answered for 0.3 seconds/);
    server.resume();
    expect(await impatient.findMaildrop("a")).toMatchObject({ lastCount: 0 });
    await server.pause();
    await impatient[Symbol.asyncDispose]();
    server.resume();
  });

  it("reports a read-only server", async () => {
    const { server, store, id } = await trouble();
    await server.sql("SET GLOBAL read_only = 1");
    const write = store.transact(id, GUARD, (tx) => tx.insertEntries([entry("1")]));
    await expect(write).rejects.toThrow(/is read-only/);
    await server.sql("SET GLOBAL read_only = 0");
  });

  it("is reported as unavailable when it dies in a transaction, and used again when it is back", async () => {
    const { server, store, id } = await trouble();
    const dying = store.transact(id, GUARD, async (tx) => {
      await tx.insertEntries([entry("lost")]);
      await server.kill();
      await tx.insertEntries([entry("lost too")]);
    });
    await expect(dying).rejects.toThrow(StoreUnavailableError);
    for (let attempt = 0; attempt < 12; attempt++) {
      await expect(store.findMaildrop("a")).rejects.toThrow(StoreUnavailableError);
    }
    await server.start();
    expect(await store.entries(id, [octets("lost")])).toEqual([]);
    await store.transact(id, GUARD, (tx) => tx.insertEntries([entry("kept")]));
    expect(await store.entries(id, [octets("kept")])).toHaveLength(1);
  });

  it("is reported as unavailable when it dies before the commit is answered", async () => {
    const { server, store, id } = await trouble();
    const dying = store.transact(id, GUARD, async (tx) => {
      await tx.insertEntries([entry("in doubt")]);
      await server.kill();
    });
    await expect(dying).rejects.toThrow(StoreUnavailableError);
    await server.start();
    expect(await store.entries(id, [octets("in doubt")])).toEqual([]);
  });
});
