// Writes packages/runtime/schema/mailonce.schema.json from the built runtime (then: biome format --write packages/runtime).
// A test holds that it is current.
import { writeFileSync } from "node:fs";

// Computed, so that types can be checked before anything is built.
const built = new URL("../packages/runtime/dist/config/index.js", import.meta.url).href;
const { configurationSchema } = await import(built);
const file = new URL("../packages/runtime/schema/mailonce.schema.json", import.meta.url);
writeFileSync(file, `${JSON.stringify(await configurationSchema(), null, 2)}\n`);
