import { readdirSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { inspect } from "node:util";
import { StoreUnavailableError } from "@mailonce/core";
import { freePort, temporaryFolder } from "@mailonce/testkit";
import { afterAll, describe, expect, it } from "vitest";
import { openExistingStore, openStore, SqliteDatabase } from "../src/index.ts";
import { onEveryDatabase, onServers } from "./databases.ts";

onEveryDatabase("opening a store", (database) => {
  it("creates nothing where only an existing one is wanted", async () => {
    const options = await database.fresh();
    expect(await openExistingStore(options)).toBeNull();
    const tablePrefix = "other_";
    {
      await using store = await openStore(options);
      await store.openMaildrop("a");
    }
    expect(await openExistingStore({ ...options, tablePrefix })).toBeNull();
    await using existing = await openExistingStore(options);
    expect(await existing?.findMaildrop("a")).not.toBeNull();
    const runner = existing?.dataSource.createQueryRunner();
    expect(await runner?.hasTable("other_maildrop")).toBe(false);
    await runner?.release();
  });

  it("may be done by many at once", async () => {
    const options = await database.fresh();
    const stores = await Promise.all(Array.from({ length: 5 }, () => openStore(options)));
    const maildrops = await Promise.all(stores.map((store) => store.openMaildrop("a")));
    expect(new Set(maildrops.map(({ id }) => id)).size).toBe(1);
    for (const store of stores) await store[Symbol.asyncDispose]();
  });

  it("says what and where it is, without a password", async () => {
    const options = await database.fresh();
    await using store = await openStore(options);
    expect(store.describe()).toMatch(/^(SQLite file \/.*\.db|(MariaDB|MySQL) \d+\.\d+ at [^@]+:\d+\/\w+)$/);
    const password = /:\/\/[^:]*:([^@]+)@/.exec(options.url)?.[1] ?? "no password at all";
    expect(inspect(store, { depth: null, showHidden: true })).not.toContain(password);
  });

  it("refuses a prefix that SQL would not take", async () => {
    const options = await database.fresh();
    for (const tablePrefix of ["a b", "1a", "x".repeat(21), "a`; DROP TABLE b", "é"]) {
      await expect(openStore({ ...options, tablePrefix })).rejects.toMatchObject({ code: "table-prefix" });
    }
  });

  it("may be disposed of twice, and says afterwards that it is closed", async () => {
    const store = await openStore(await database.fresh());
    await store[Symbol.asyncDispose]();
    await store[Symbol.asyncDispose]();
    await expect(store.findMaildrop("a")).rejects.toMatchObject({ code: "store-closed" });
  });
});

describe("opening an SQLite file", () => {
  const folder = temporaryFolder("mailonce-typeorm-");
  afterAll(() => folder.remove());

  it("creates no folder unless it is told to: it may be misspelt", async () => {
    const missing = path.join(folder.path, "mispelt");
    for (const file of [path.join(missing, "mail.db"), path.join(missing, "er", "mail.db")]) {
      const opening = openStore({ url: `sqlite:${file}` });
      await expect(opening).rejects.toThrow(`there is no folder ${path.dirname(file)}. Create it`);
      await expect(opening).rejects.toMatchObject({ code: "store-unavailable" });
    }
    expect(readdirSync(folder.path)).not.toContain("mispelt");
  });

  it("tells of a file that had no store in it, once", async () => {
    const [missing, empty, foreign] = ["new.db", "new-empty.db", "new-foreign.db"].map((name) =>
      path.join(folder.path, name),
    ) as [string, string, string];
    writeFileSync(empty, "");
    const database = new SqliteDatabase(foreign);
    database.prepare("CREATE TABLE t (a)").run();
    database.close();
    const told: string[] = [];
    for (const file of [missing, empty, foreign, missing, empty, foreign]) {
      await using _store = await openStore({ url: `sqlite:${file}`, onNewFile: (name) => told.push(name) });
    }
    expect(told).toEqual([missing, empty, foreign]);
  });

  it("creates file and folders that only the owner may read", async () => {
    const file = path.join(folder.path, "deep", "er", "mail.db");
    await using store = await openStore({ url: `sqlite:${file}`, createFolder: true });
    await store.openMaildrop("a");
    const mode = (name: string) => statSync(name).mode & 0o777;
    expect(mode(path.dirname(file))).toBe(0o700);
    expect(mode(path.dirname(path.dirname(file)))).toBe(0o700);
    for (const name of readdirSync(path.dirname(file))) {
      expect([name, mode(path.join(path.dirname(file), name))]).toEqual([name, 0o600]);
    }
  });

  it("keeps commits over a power cut: WAL, synchronous FULL, foreign keys on", async () => {
    await using store = await openStore({ url: `sqlite:${path.join(folder.path, "pragmas.db")}` });
    const pragma = async (name: string) =>
      Object.values((await store.dataSource.query(`PRAGMA ${name}`))[0])[0];
    expect(await pragma("journal_mode")).toBe("wal");
    expect(await pragma("synchronous")).toBe(2);
    expect(await pragma("foreign_keys")).toBe(1);
  });

  it("leaves a missing file missing and another program's file as it is", async () => {
    const missing = path.join(folder.path, "none", "missing.db");
    expect(await openExistingStore({ url: `sqlite:${missing}` })).toBeNull();
    expect(readdirSync(folder.path)).not.toContain("none");

    const empty = path.join(folder.path, "empty.db");
    writeFileSync(empty, "");
    expect(await openExistingStore({ url: `sqlite:${empty}` })).toBeNull();
    expect(statSync(empty).size).toBe(0);

    const foreign = path.join(folder.path, "foreign.db");
    const database = new SqliteDatabase(foreign);
    database.prepare("CREATE TABLE t (a)").run();
    database.close();
    expect(await openExistingStore({ url: `sqlite:${foreign}` })).toBeNull();
    const again = new SqliteDatabase(foreign);
    expect(again.pragma("journal_mode")).toMatchObject([{ journal_mode: "delete" }]);
    again.close();
  });

  it("tells what is wrong with a file that is none", async () => {
    const text = path.join(folder.path, "text.db");
    writeFileSync(text, "This is no database. ".repeat(100));
    const wrong = [text, folder.path, path.join(text, "mail.db"), "/dev/null"];
    for (const file of wrong) {
      for (const open of [openStore, openExistingStore]) {
        await expect(open({ url: `sqlite:${file}` })).rejects.toThrow(StoreUnavailableError);
      }
    }
  });
});

describe("opening a server's database", () => {
  it("says that nothing listens", async () => {
    const url = `mysql://u:secret@127.0.0.1:${await freePort()}/mail`;
    for (const open of [openStore, openExistingStore]) {
      const error: unknown = await open({ url }).catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(StoreUnavailableError);
      expect((error as Error).message).toMatch(/refuses connections/);
      expect(inspect(error, { depth: null, showHidden: true })).not.toContain("secret");
    }
  });
});

onServers("opening a server's database", (database) => {
  it("says that the password is wrong, without telling it", async () => {
    const url = new URL((await database.fresh()).url);
    url.password = "wrongsecret";
    const error: unknown = await openStore({ url: url.href }).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(StoreUnavailableError);
    expect((error as Error).message).toMatch(/refuses the login/);
    expect(inspect(error, { depth: null, showHidden: true })).not.toContain("wrongsecret");
  });

  it("takes the password from beside the URL, and the URL's own first", async () => {
    const options = await database.fresh();
    const url = new URL(options.url);
    const { password } = url;
    url.password = "";
    await expect(openStore({ ...options, url: url.href })).rejects.toThrow(StoreUnavailableError);
    await using beside = await openStore({
      ...options,
      url: url.href,
      password: decodeURIComponent(password),
    });
    await using own = await openStore({ ...options, password: "wrong" });
    expect(own.describe()).toBe(beside.describe());
  });

  it("says that there is no such database, or that it is not the user's", async () => {
    const url = new URL((await database.fresh()).url);
    url.pathname = "/nowhere";
    await expect(openStore({ url: url.href })).rejects.toThrow(StoreUnavailableError);
  });

  it("finds out whether it is MySQL or MariaDB, whatever the URL says", async () => {
    const options = await database.fresh();
    const stores = [];
    for (const scheme of ["mysql:", "mariadb:"]) {
      stores.push(await openStore({ ...options, url: options.url.replace(/^\w+:/, scheme) }));
    }
    const [one, other] = stores.map((store) => store.dataSource.options.type);
    expect(one).toBe(other);
    for (const store of stores) await store[Symbol.asyncDispose]();
  });
});
