// Writes packages/runtime/schema/mailonce.schema.json from the built runtime (then: biome format --write packages/runtime).
// A test holds that it is current.
import { writeFileSync } from "node:fs";
import { configurationSchema } from "../packages/runtime/dist/index.js";

const file = new URL("../packages/runtime/schema/mailonce.schema.json", import.meta.url);
writeFileSync(file, `${JSON.stringify(await configurationSchema(), null, 2)}\n`);
