import { counterexamples, fetchConformance, storeConformance } from "@mailonce/core/conformance";
import { temporaryFolder } from "@mailonce/testkit";
import type { DataSource } from "typeorm";
import { afterAll, describe, it } from "vitest";
import { createStore } from "../src/index.ts";
import { onEveryDatabase } from "./databases.ts";
import { programDataSource } from "./program.ts";

onEveryDatabase("conformance: the store", (database) => {
  for (const { name, run } of storeConformance) it(name, () => run(database));
});

onEveryDatabase("conformance: whole runs", (database) => {
  for (const { name, run } of fetchConformance) it(name, () => run(database));
});

onEveryDatabase("conformance: the counterexamples", (database) => {
  for (const { name, run } of counterexamples) it(name, () => run(database));
});

// Whose transactions must not wait for anything but their own statements: a run's do not.
describe("conformance: whole runs in a program's SQLite DataSource", () => {
  const folder = temporaryFolder("mailonce-typeorm-");
  const opened: DataSource[] = [];
  afterAll(async () => {
    for (const dataSource of opened) await dataSource.destroy();
    await folder.remove();
  });
  const open = async () => {
    const dataSource = await programDataSource(`${folder.path}/${opened.length}.db`);
    opened.push(dataSource);
    return createStore(dataSource);
  };
  for (const { name, run } of fetchConformance) it(name, () => run({ open }));
});
