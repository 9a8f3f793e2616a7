import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { configurationSchema } from "../../src/config/json-schema.ts";

it("the published schema is what the code reads (scripts/schema.mjs writes it)", async () => {
  const published = readFileSync(new URL("../../schema/mailonce.schema.json", import.meta.url), "utf8");
  expect(JSON.parse(published)).toEqual(JSON.parse(JSON.stringify(await configurationSchema())));
});
