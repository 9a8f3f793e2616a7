import { randomBytes } from "node:crypto";
import { expect, it } from "vitest";
import { executeLarge, isLarge } from "../src/mysql/large-statement.ts";
import { onServers } from "./databases.ts";

onServers("a statement with large values", (database) => {
  it("does and reports what a small one does", async () => {
    const store = await database.open();
    const runner = store.dataSource.createQueryRunner();
    const connection = await runner.connect();
    const run = (sql: string, values: readonly (number | Uint8Array)[]): Promise<unknown> =>
      new Promise((resolve, reject) => {
        executeLarge(connection, sql, values, (error, result) => (error ? reject(error) : resolve(result)));
      });
    try {
      await runner.query(
        "CREATE TEMPORARY TABLE large (id varbinary(16) PRIMARY KEY, n int, content longblob)",
      );
      const insert = "INSERT INTO large (id, n, content) VALUES (?,?,?),(?,?,?)";
      const sizes = [0, 1, 250, 251, 2047, 2048, 65_535, 65_536, 260_500, 1_000_000];
      for (let at = 0; at < sizes.length; at += 2) {
        const rows = sizes.slice(at, at + 2).map((size) => [Buffer.from(`${size}`), size, randomBytes(size)]);
        expect(await run(insert, rows.flat() as (number | Uint8Array)[])).toEqual({ affectedRows: 2 });
        for (const [id, size, content] of rows) {
          const [found] = await runner.query("SELECT n, content FROM large WHERE id = ?", [id]);
          expect(found.n).toBe(size);
          expect(found.content.equals(content)).toBe(true);
        }
      }
      const twice = [Buffer.from("new"), 1, randomBytes(100_000), Buffer.from("0"), 2, randomBytes(100_000)];
      await expect(run(insert, twice)).rejects.toMatchObject({ errno: 1062 });
      await expect(run("INSERT INTO missing VALUES (?)", [1])).rejects.toMatchObject({ errno: 1146 });
      // The connection is still in step.
      const [{ count }] = await runner.query("SELECT COUNT(*) AS count FROM large");
      expect(Number(count)).toBe(10);
    } finally {
      await runner.release();
    }
  });
});

it("is one of numbers and octets alone that are worth it", () => {
  expect(isLarge([1, Buffer.alloc(100_000)])).toBe(true);
  expect(isLarge([1, Buffer.alloc(1000)])).toBe(false);
  expect(isLarge(["text", Buffer.alloc(100_000)])).toBe(false);
  expect(isLarge([null, Buffer.alloc(100_000)])).toBe(false);
  expect(isLarge([Buffer.alloc(0xffffff)])).toBe(false);
});
