import { randomBytes } from "node:crypto";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { temporaryFolder } from "@mailonce/testkit";
import type { DataSource } from "typeorm";
import { afterAll, describe, expect, it } from "vitest";
import { createStore, openStore, type TypeormStore } from "../src/index.ts";
import { notes, programDataSource } from "./program.ts";
import { collect, entry, message, octets, streamedContent } from "./samples.ts";
import { connect, secondLibrary } from "./second-library.ts";

const GUARD = { generation: 0, leaseToken: null };

/** How often the program writes while the store does. */
const WRITES = 200;

/** A program that writes, and the store on the same file or connection. */
interface Sharing {
  readonly store: TypeormStore;
  /** One write of the program's, told to be committed. */
  readonly write: (text: string) => Promise<unknown>;
  /** The texts that are there. */
  readonly written: () => Promise<readonly string[]>;
  readonly close: () => Promise<void>;
}

describe("a program and the store in one process", () => {
  const folder = temporaryFolder("mailonce-typeorm-");
  afterAll(() => folder.remove());
  const freshFile = () => path.join(folder.path, `${randomBytes(6).toString("hex")}.db`);

  const texts = async (dataSource: DataSource) => (await notes(dataSource).find()).map(({ text }) => text);

  const ways: Readonly<Record<string, () => Promise<Sharing>>> = {
    "one DataSource": async () => {
      const dataSource = await programDataSource(freshFile());
      return {
        store: createStore(dataSource),
        write: (text) => notes(dataSource).save({ text }),
        written: () => texts(dataSource),
        close: () => dataSource.destroy(),
      };
    },
    "one DataSource in memory": async () => {
      const dataSource = await programDataSource(":memory:");
      return {
        store: createStore(dataSource),
        write: (text) => notes(dataSource).save({ text }),
        written: () => texts(dataSource),
        close: () => dataSource.destroy(),
      };
    },
    "one file, each with a DataSource": async () => {
      const file = freshFile();
      const dataSource = await programDataSource(file);
      const store = await openStore({ url: `sqlite:${file}` });
      return {
        store,
        write: (text) =>
          dataSource.transaction(async (manager) => {
            await manager.find("note");
            await manager.insert("note", { text });
            await delay(1);
          }),
        written: () => texts(dataSource),
        close: async () => {
          await store[Symbol.asyncDispose]();
          await dataSource.destroy();
        },
      };
    },
    "one file, the program with its own library": async () => {
      const file = freshFile();
      const driver = secondLibrary(folder.path).DatabaseSync;
      const database = connect(driver, file, 60_000);
      database.prepare("CREATE TABLE note (text TEXT)").run();
      const store = await openStore({ url: `sqlite:${file}`, driver });
      return {
        store,
        write: async (text) => database.prepare("INSERT INTO note (text) VALUES (?)").run(text),
        written: async () =>
          (database.prepare("SELECT text FROM note").all() as { text: string }[]).map(({ text }) => text),
        close: async () => {
          await store[Symbol.asyncDispose]();
          database.close();
        },
      };
    },
  };

  for (const [way, open] of Object.entries(ways)) {
    it(`write at the same time into ${way}: neither fails, waits for long, or loses anything`, async () => {
      const { store, write, written, close } = await open();
      const maildrops = [await store.openMaildrop("a"), await store.openMaildrop("b")];
      const told: string[] = [];
      const failures: unknown[] = [];
      const program = (async () => {
        for (let n = 0; n < WRITES; n++) {
          await write(`note ${n}`).then(
            () => told.push(`note ${n}`),
            (error: unknown) => failures.push(error),
          );
          await delay(1);
        }
      })();
      let ended = false;
      void program.finally(() => {
        ended = true;
      });
      const stored: string[] = [];
      const storing = maildrops.map(async ({ id }, maildrop) => {
        for (let round = 0; !ended || round < 10; round++) {
          const batch = Array.from({ length: 20 }, () => message());
          const isBroken = round % 5 === 4;
          await store
            .transact(id, GUARD, async (tx) => {
              await tx.entries([octets(`${maildrop}-${round}`)]);
              await tx.insertMessages(batch);
              await tx.insertEntries([entry(`${maildrop}-${round}`, { messageId: batch[0]?.id ?? null })]);
              if (isBroken) throw new Error("broke off");
            })
            .then(
              () => stored.push(...batch.map((one) => one.id)),
              (error: unknown) => isBroken || failures.push(error),
            );
        }
      });
      await Promise.all([program, ...storing]);
      expect(failures).toEqual([]);
      expect(await written()).toEqual(told);
      expect(told).toHaveLength(WRITES);
      const found = (await collect(store.messages())).map((one) => one.id);
      expect(found).toHaveLength(stored.length);
      expect(new Set(found)).toEqual(new Set(stored));
      await close();
    });
  }

  it("share a DataSource while a large message is stored that must be read from elsewhere", async () => {
    for (const way of ["one DataSource", "one file, each with a DataSource"]) {
      const { store, write, written, close } = (await (ways[way] ?? ways["one DataSource"])?.()) ?? fail();
      const { id } = await store.openMaildrop("a");
      const content = streamedContent(30_000_000, (part, offset) => part.fill(offset & 0xff));
      const large = message({
        content: {
          ...content,
          async *read() {
            for await (const part of content.read()) {
              await delay(1);
              yield part;
            }
          },
        },
      });
      let ended = false;
      const storing = store
        .transact(id, GUARD, (tx) => tx.insertMessages([large]))
        .finally(() => {
          ended = true;
        });
      let writes = 0;
      for (; !ended; writes++) {
        await write(`note ${writes}`);
        await delay(1);
      }
      await storing;
      expect(await written()).toHaveLength(writes);
      let length = 0;
      for await (const chunk of store.content(large.id)) length += chunk.length;
      expect(length).toBe(30_000_000);
      await close();
    }
  });

  it("keep their transactions apart in one DataSource: what the program takes back takes nothing of the store's", async () => {
    const dataSource = await programDataSource(freshFile());
    const store = createStore(dataSource);
    const { id } = await store.openMaildrop("a");
    const failing = dataSource.transaction(async (manager) => {
      await manager.insert("note", { text: "lost" });
      const storing = store.transact(id, GUARD, (tx) => tx.insertEntries([entry("kept")]));
      await delay(20);
      void storing.then(() => order.push("stored"));
      throw new Error("broke off");
    });
    const order: string[] = [];
    await expect(failing).rejects.toThrow("broke off");
    order.push("taken back");
    await expect.poll(() => order).toEqual(["taken back", "stored"]);
    expect(await texts(dataSource)).toEqual([]);
    expect(await store.entries(id, [octets("kept")])).toHaveLength(1);
    await dataSource.destroy();
  });

  it("are told apart where a transaction's work waits for something else: the program's write is not taken back with it", async () => {
    const dataSource = await programDataSource(freshFile());
    const store = createStore(dataSource);
    const { id } = await store.openMaildrop("a");
    const waiting = store.transact(id, GUARD, async (tx) => {
      await tx.insertEntries([entry("lost")]);
      await delay(20);
      await tx.insertEntries([entry("lost, too")]);
    });
    await Promise.all([
      expect(waiting).rejects.toMatchObject({ code: "store-misused" }),
      delay(5).then(() => notes(dataSource).save({ text: "kept" })),
    ]);
    expect(await texts(dataSource)).toEqual(["kept"]);
    expect(await store.entries(id, [octets("lost"), octets("lost, too")])).toEqual([]);
    await dataSource.destroy();
  });

  it("survive a power cut alike: a commit of the store's in the program's DataSource is on the disk", async () => {
    const dataSource = await programDataSource(freshFile());
    await dataSource.query("PRAGMA synchronous = NORMAL");
    const store = createStore(dataSource);
    const { id } = await store.openMaildrop("a");
    const level = async () => Object.values((await dataSource.query("PRAGMA synchronous"))[0])[0];
    const levels: unknown[] = [];
    await store.transact(id, GUARD, async () => void levels.push(await level()));
    await store.transact(id, GUARD, () => Promise.reject(new Error("broke off"))).catch(() => {});
    expect([...levels, await level()]).toEqual([2, 1]);
    await dataSource.destroy();
  });
});

function fail(): never {
  throw new Error("there is no such way");
}
