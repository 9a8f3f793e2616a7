import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { linkSync, symlinkSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { temporaryFolder } from "@mailonce/testkit";
import { DataSource } from "typeorm";
import { afterAll, describe, expect, it } from "vitest";
import {
  createStore,
  mailonceEntities,
  mailonceMigrations,
  openExistingStore,
  openStore,
  SqliteDatabase,
  type SqliteLibrary,
  type TypeormStore,
} from "../src/index.ts";
import { type SqliteModule, sqliteModule } from "../src/sqlite/sqlite-module.ts";
import { connect, secondLibrary } from "./second-library.ts";

const GUARD = { generation: 0, leaseToken: null };

/** Where the system tells which files a process has open. */
describe.runIf(process.platform === "linux" || process.platform === "darwin")(
  "a second SQLite library",
  () => {
    const folder = temporaryFolder("mailonce-typeorm-");
    afterAll(() => folder.remove());
    const other = secondLibrary(folder.path).DatabaseSync;
    const freshFile = () => path.join(folder.path, `${randomBytes(6).toString("hex")}.db`);

    /** The file, as a program has it open by that library: with a table of its own, and a row in it. */
    function programFile(library: SqliteLibrary, mode: "wal" | "delete") {
      const file = freshFile();
      const database = connect(library, file);
      database.pragma(`journal_mode = ${mode}`);
      database.prepare("CREATE TABLE mine (id INTEGER PRIMARY KEY, note TEXT)").run();
      database.prepare("INSERT INTO mine (note) VALUES (?)").run("first");
      return { file, database };
    }

    /** What another process finds in the file. */
    function looksWhole(file: string): { readonly rows: number; readonly check: string } {
      const script = `
      const { DatabaseSync } = require(${JSON.stringify(createRequire(import.meta.url).resolve("@photostructure/sqlite"))});
      const database = new DatabaseSync(process.argv[1]);
      const [{ integrity_check: check }] = database.prepare("PRAGMA integrity_check").all();
      const [{ rows }] = database.prepare("SELECT COUNT(*) AS rows FROM mine").all();
      console.log(JSON.stringify({ rows, check }));`;
      return JSON.parse(execFileSync(process.execPath, ["-e", script, file], { encoding: "utf8" }));
    }

    /** Writes in transactions that are open for a moment, as those of programs are. */
    async function writeMeanwhile(
      library: SqliteLibrary,
      file: string,
      store: () => Promise<void>,
    ): Promise<{ readonly committed: number; readonly failures: readonly unknown[] }> {
      const database = connect(library, file);
      const insert = database.prepare("INSERT INTO mine (note) VALUES (?)");
      const failures: unknown[] = [];
      let committed = 0;
      let stop = false;
      const program = (async () => {
        while (!stop) {
          try {
            database.prepare("BEGIN IMMEDIATE").run();
            for (let n = 0; n < 20; n++) insert.run("x".repeat(500));
            await delay(1);
            for (let n = 0; n < 20; n++) insert.run("y".repeat(500));
            database.prepare("COMMIT").run();
            committed += 40;
          } catch (error) {
            failures.push(error);
          }
          await delay(1);
        }
      })();
      await store().catch(() => {});
      await delay(20);
      stop = true;
      await program;
      database.close();
      return { committed, failures };
    }

    async function work(store: TypeormStore): Promise<void> {
      for (let n = 0; n < 40; n++) {
        const { id } = await store.openMaildrop(`maildrop ${n}`);
        await store.transact(id, GUARD, (tx) => tx.updateMaildrop({ lastCount: n }));
      }
    }

    for (const mode of ["wal", "delete"] as const) {
      it(`does not get a program's file of mode ${mode} destroyed: the store refuses it at once, and says what to do`, async () => {
        const { file, database } = programFile(other, mode);
        const refusals: unknown[] = [];
        const { committed, failures } = await writeMeanwhile(other, file, async () => {
          for (const open of [openStore, openExistingStore])
            await open({ url: `sqlite:${file}` }).then(
              async (store) => {
                if (store !== null) await work(store).finally(() => store[Symbol.asyncDispose]());
              },
              (error: unknown) => refusals.push(error),
            );
        });
        database.close();
        expect(failures).toEqual([]);
        expect(looksWhole(file)).toEqual({ rows: committed + 1, check: "ok" });
        expect(refusals).toHaveLength(2);
        for (const refusal of refusals) {
          expect(refusal).toMatchObject({ code: "sqlite-shared" });
          expect(String(refusal)).toMatch(
            /second-sqlite\.node.*give openStore the library that the program opens the file with/,
          );
        }
      });

      it(`works with the program's own library on its file of mode ${mode}, if it is given`, async () => {
        const { file, database } = programFile(other, mode);
        const { committed, failures } = await writeMeanwhile(other, file, async () => {
          await using store = await openStore({ url: `sqlite:${file}`, driver: other });
          await work(store);
          expect(await store.maildrops()).toHaveLength(40);
        });
        database.close();
        expect(failures).toEqual([]);
        expect(looksWhole(file)).toEqual({ rows: committed + 1, check: "ok" });
      });

      it(`is refused in a DataSource whose library is not the one that has the file of mode ${mode} open`, async () => {
        const { file, database } = programFile(other, mode);
        const dataSource = await new DataSource({
          type: "better-sqlite3",
          driver: SqliteDatabase,
          database: file,
          entities: Object.values(mailonceEntities("sqlite")),
          migrations: [...mailonceMigrations("sqlite")],
          migrationsTableName: "mailonce_migrations",
        }).initialize();
        // The program has begun to destroy its file by itself; the store has no part in it.
        await dataSource.query("SELECT * FROM mine");
        expect(() => createStore(dataSource)).toThrow(expect.objectContaining({ code: "sqlite-shared" }));
        await dataSource.destroy();
        database.close();
      });
    }

    it("is recognized by a symbolic link, and under another name of the file", async () => {
      const { file, database } = programFile(other, "wal");
      const [symbolic, hard] = [freshFile(), freshFile()];
      symlinkSync(file, symbolic);
      linkSync(file, hard);
      for (const link of [symbolic, hard])
        await expect(openStore({ url: `sqlite:${link}` })).rejects.toMatchObject({ code: "sqlite-shared" });
      await expect(openStore({ url: `sqlite:${hard}`, driver: other })).rejects.toThrow(/under another name/);
      database.close();
    });

    it("is recognized although a driver was given, if that is not the program's either", async () => {
      const { file, database } = programFile(other, "wal");
      const third = sqliteModule();
      await expect(
        openStore({ url: `sqlite:${file}`, driver: third as SqliteLibrary }),
      ).rejects.toMatchObject({
        code: "sqlite-shared",
      });
      database.close();
      expect(looksWhole(file)).toEqual({ rows: 1, check: "ok" });
    });

    it("is noticed when it opens the store's file later: the store writes no more, and leaves its locks alone", async () => {
      const file = freshFile();
      const store = await openStore({ url: `sqlite:${file}` });
      const { id } = await store.openMaildrop("a");
      await delay(300);
      const database = connect(other, file);
      expect(database.prepare("SELECT name FROM mailonce_maildrop").all()).toHaveLength(1);
      const refused = store.transact(id, GUARD, (tx) => tx.updateMaildrop({ lastCount: 1 }));
      await expect(refused).rejects.toMatchObject({ code: "sqlite-shared" });
      database.prepare("CREATE TABLE mine (id INTEGER PRIMARY KEY)").run();
      await store[Symbol.asyncDispose]();
      database.prepare("INSERT INTO mine (id) VALUES (1)").run();
      database.close();
      expect(looksWhole(file)).toEqual({ rows: 1, check: "ok" });
    });

    it("does no harm while it has other files open, nor before it opens this one or after it closed it", async () => {
      const elsewhere = programFile(other, "wal");
      const file = freshFile();
      // No statements of its own: this library would keep the file open until they are collected.
      const before = new (other as unknown as SqliteModule["DatabaseSync"])(file);
      before.exec("PRAGMA journal_mode = WAL; CREATE TABLE mine (id INTEGER PRIMARY KEY)");
      before.close();
      await using store = await openStore({ url: `sqlite:${file}` });
      await using again = await openStore({ url: `sqlite:${file}` });
      await work(store);
      expect(await again.maildrops()).toHaveLength(40);
      elsewhere.database.close();
    });

    it("does not make the store suspect the program's own DataSource with the store's library", async () => {
      const elsewhere = programFile(other, "wal");
      const file = freshFile();
      for (const enableWAL of [false, true]) {
        const dataSource = await new DataSource({
          type: "better-sqlite3",
          driver: SqliteDatabase,
          database: file,
          enableWAL,
        }).initialize();
        await using store = await openStore({ url: `sqlite:${file}` });
        await store.openMaildrop("a");
        expect(await dataSource.query("SELECT name FROM mailonce_maildrop")).toEqual([{ name: "a" }]);
        await dataSource.destroy();
      }
      elsewhere.database.close();
    });

    it("is given as what its users import; what waits, or is none, is refused", async () => {
      const module = createRequire(pathToFileURL(path.resolve(import.meta.dirname, "../package.json")))(
        "@photostructure/sqlite",
      );
      const namespace = await import(
        pathToFileURL(createRequire(import.meta.url).resolve("@photostructure/sqlite")).href
      );
      for (const driver of [module, namespace, module.DatabaseSync, SqliteDatabase, { default: module }]) {
        await using store = await openStore({ url: `sqlite:${freshFile()}`, driver });
        expect(await store.openMaildrop("a")).toMatchObject({ name: "a" });
      }
      class Waits {
        prepare(): void {}
        run(): void {}
      }
      for (const driver of [null, 1, "better-sqlite3", {}, { Database: Waits }, Waits, class {}]) {
        const opening = openStore({
          url: `sqlite:${freshFile()}`,
          driver: driver as unknown as SqliteLibrary,
        });
        await expect(opening).rejects.toMatchObject({ code: "sqlite-driver" });
      }
    });
  },
);
