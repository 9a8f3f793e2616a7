// The reading process as it stands in the sources.
import { join } from "node:path";
import { withSource } from "../../../../scripts/typescript.mjs";

const ends = new Promise(() => {});
await withSource(join(import.meta.dirname, "../.."), "/src/content/reading-process.ts", () => ends);
