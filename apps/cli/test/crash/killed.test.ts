import { startMariaDb } from "@mailonce/testkit";
import { beforeAll, describe, expect, it } from "vitest";
import { build } from "../mailonce.ts";
import { mariaDatabase, sqliteFile } from "./crash-database.ts";
import { crashMatrix } from "./crash-matrix.ts";
import { killExport } from "./killed-export.ts";
import { killIndex } from "./killed-index.ts";
import type { Scenario } from "./scenarios.ts";
import { seeded } from "./seeded.ts";

beforeAll(build, 180_000);

// `npm run test:crash` tries hundreds of points in all scenarios.
const few = { points: 8, parallel: 2, only: ({ name }: Scenario) => /migration|hides|rebinding/.test(name) };

describe("the command, killed in the middle", () => {
  it("has every message once in SQLite after it was run again", async () => {
    const source = { create: async () => sqliteFile(), port: null };
    const attempts = await crashMatrix({ source, ...few, random: seeded(4) });
    expect(attempts.filter(({ result }) => result.troubles.length > 0)).toEqual([]);
    expect(attempts.filter(({ result }) => result.reached).length).toBeGreaterThan(few.points / 2);
  }, 180_000);

  it("has every message once in MariaDB after it was run again", async () => {
    await using server = await startMariaDb();
    const source = { create: () => mariaDatabase(server), port: server.port };
    const attempts = await crashMatrix({ source, ...few, random: seeded(5) });
    expect(attempts.filter(({ result }) => result.troubles.length > 0)).toEqual([]);
    expect(attempts.filter(({ result }) => result.reached).length).toBeGreaterThan(few.points / 2);
  }, 180_000);

  it("has the rows of what is in each message once in SQLite after indexing was killed, and the mail as it was", async () => {
    const source = { create: async () => sqliteFile(), port: null };
    const { killed, troubles } = await killIndex({ source, points: 4, parallel: 2, random: seeded(6) });
    expect(troubles).toEqual([]);
    expect(killed).toBeGreaterThan(1);
  }, 180_000);

  it("has the rows of what is in each message once in MariaDB after indexing was killed, and the mail as it was", async () => {
    await using server = await startMariaDb();
    const source = { create: () => mariaDatabase(server), port: server.port };
    const { killed, troubles } = await killIndex({ source, points: 4, parallel: 2, random: seeded(7) });
    expect(troubles).toEqual([]);
    expect(killed).toBeGreaterThan(1);
  }, 180_000);

  it("has exported each message once in every format after it was killed", async () => {
    await using database = sqliteFile();
    const { killed, troubles } = await killExport(database, 8, seeded(7));
    expect(troubles).toEqual([]);
    expect(killed).toBeGreaterThan(1);
  }, 300_000);
});
