import { counterexamples, fetchConformance, storeConformance } from "@mailonce/core/conformance";
import { it } from "vitest";
import { onEveryDatabase } from "./databases.ts";

onEveryDatabase("conformance: the store", (database) => {
  for (const { name, run } of storeConformance) it(name, () => run(database));
});

onEveryDatabase("conformance: whole runs", (database) => {
  for (const { name, run } of fetchConformance) it(name, () => run(database));
});

onEveryDatabase("conformance: the counterexamples", (database) => {
  for (const { name, run } of counterexamples) it(name, () => run(database));
});
