import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { copyFileSync, linkSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { StoreUnavailableError } from "@mailonce/core";
import { temporaryFolder } from "@mailonce/testkit";
import { afterAll, describe, expect, it } from "vitest";
import { openExistingStore, openStore, SqliteDatabase } from "../src/index.ts";
import { sqliteError } from "../src/sqlite/errors.ts";
import { resultCodeName, resultCodeOf } from "../src/sqlite/result-codes.ts";
import { collect, contentOf, entry, knownEntries, message } from "./samples.ts";

const GUARD = { generation: 0, leaseToken: null };

describe("the file of an SQLite store", () => {
  const folder = temporaryFolder("mailonce-typeorm-");
  afterAll(() => folder.remove());
  const freshFile = () => path.join(folder.path, `${randomBytes(6).toString("hex")}.db`);

  /** What may happen to a file behind the store's back. */
  const changes: Readonly<Record<string, (file: string) => void>> = {
    "is removed": (file) => rmSync(file),
    "is moved away": (file) => renameSync(file, `${file}.old`),
    "is replaced by a copy of it": (file) => {
      copyFileSync(file, `${file}.copy`);
      renameSync(`${file}.copy`, file);
    },
    "is replaced by another file": (file) => {
      rmSync(file);
      writeFileSync(file, "");
    },
  };

  for (const [change, make] of Object.entries(changes)) {
    it(`that ${change} while it is open takes nothing more: nobody is told that his mail is stored`, async () => {
      const file = freshFile();
      await using store = await openStore({ url: `sqlite:${file}` });
      const { id } = await store.openMaildrop("a");
      await store.transact(id, GUARD, (tx) => tx.insertMessages([message()]));
      make(file);
      const later = store.transact(id, GUARD, (tx) => tx.insertMessages([message()]));
      await expect(later).rejects.toThrow(StoreUnavailableError);
      await expect(later).rejects.toThrow(/was removed or replaced while it was open.*Open the store again/);
      await expect(
        store.acquireLease("a", { token: "t", owner: "o", ttlMs: 1000, isDead: () => false }),
      ).rejects.toThrow(StoreUnavailableError);
      expect(await collect(store.messages())).toHaveLength(1);
    });
  }

  it("has pages of 8 KiB if it is new, and keeps smaller ones that it has: both take mail, and a log of 32 MB", async () => {
    const opened: SqliteDatabase[] = [];
    class Driver extends SqliteDatabase {
      constructor(name: string, options?: ConstructorParameters<typeof SqliteDatabase>[1]) {
        super(name, options);
        opened.push(this);
      }
    }
    const files = { old: freshFile(), fresh: freshFile() };
    const before = new SqliteDatabase(files.old);
    before.pragma("page_size = 4096");
    before.prepare("CREATE TABLE mine (note TEXT)").run();
    before.close();
    for (const [file, octets] of [
      [files.old, 4096],
      [files.fresh, 8192],
    ] as const) {
      const large = message({ content: contentOf(randomBytes(700_000)) });
      await using store = await openStore({ url: `sqlite:${file}`, driver: Driver });
      const { id } = await store.openMaildrop("a");
      await store.transact(id, GUARD, (tx) => tx.insertMessages([large]));
      const stored = Buffer.concat(await collect(store.content(large.id)));
      expect(stored.equals(large.content.bytes ?? Buffer.alloc(0))).toBe(true);
      const connection = opened.at(-1);
      expect(connection?.pragma("page_size")).toEqual([{ page_size: octets }]);
      expect(connection?.pragma("wal_autocheckpoint")).toEqual([
        { wal_autocheckpoint: (32 * 1024 * 1024) / octets },
      ]);
    }
  });

  it("may be named by a symbolic link, and by a relative path", async () => {
    const file = freshFile();
    const link = freshFile();
    writeFileSync(file, "");
    symlinkSync(file, link);
    await using store = await openStore({ url: `sqlite:${link}` });
    await using relative = await openStore({ url: `sqlite:${path.relative(process.cwd(), file)}` });
    const { id } = await store.openMaildrop("a");
    await Promise.all(
      [store, relative].map((one, n) => one.transact(id, GUARD, (tx) => tx.insertEntries([entry(`${n}`)]))),
    );
    expect(await knownEntries(store, id)).toHaveLength(2);
  });

  it.runIf(process.platform === "linux")(
    "is refused under another name while it is open: each name would have a log",
    async () => {
      const [file, link] = [freshFile(), freshFile()];
      await using _store = await openStore({ url: `sqlite:${file}` });
      linkSync(file, link);
      for (const open of [openStore, openExistingStore])
        await expect(open({ url: `sqlite:${link}` })).rejects.toMatchObject({ code: "sqlite-shared" });
    },
  );

  it("that cannot be locked, as on many network file systems, is told apart from a broken disk", () => {
    for (const errcode of [15, 22, 2058, 2314, 3594, 3850, 4618, 5130, 5386])
      expect(sqliteError({ code: resultCodeName(errcode) }, "SQLite file x").message).toMatch(
        /^SQLite file x cannot be locked: .*not on a network file system/,
      );
    expect(resultCodeOf("locking protocol")).toBe("SQLITE_PROTOCOL");
    expect(sqliteError({ code: resultCodeName(266) }, "SQLite file x").message).toMatch(/the disk reports/);
  });

  it("keeps the locks that the process has on it when a store is opened: nothing but SQLite opens and closes it", async () => {
    const file = freshFile();
    const holder = new SqliteDatabase(file);
    holder.prepare("CREATE TABLE mine (note TEXT)").run();
    holder.prepare("BEGIN IMMEDIATE").run();
    holder.prepare("INSERT INTO mine VALUES ('held')").run();
    // Whoever closes a file by other means drops all the locks that the process holds on it.
    const opening = [openStore({ url: `sqlite:${file}` }), openStore({ url: `sqlite:${file}` })];
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(lockElsewhere(file)).toBe("database is locked");
    holder.prepare("COMMIT").run();
    const stores = await Promise.all(opening);
    expect(await stores[0]?.openMaildrop("a")).toMatchObject({ name: "a" });
    expect(holder.prepare("SELECT note FROM mine").all()).toEqual([{ note: "held" }]);
    for (const store of stores) await store[Symbol.asyncDispose]();
    holder.close();
  });
});

/** What another process is told that wants to write. */
function lockElsewhere(file: string): string {
  const library = createRequire(import.meta.url).resolve("@photostructure/sqlite");
  const script = `
    const { DatabaseSync } = require(process.argv[1]);
    try {
      new DatabaseSync(process.argv[2]).exec("BEGIN IMMEDIATE");
      console.log("locked it");
    } catch (error) {
      console.log(error.message);
    }`;
  return execFileSync(process.execPath, ["-e", script, library, file], { encoding: "utf8" }).trim();
}
