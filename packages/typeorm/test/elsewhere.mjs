// Runs a function of elsewhere-work.ts in this process.
import path from "node:path";
import process from "node:process";
import { withSource } from "../../../scripts/typescript.mjs";

const [work, ...values] = process.argv.slice(2);
await withSource(path.resolve(import.meta.dirname, ".."), "/test/elsewhere-work.ts", (module) =>
  module[String(work)](...values.map((value) => JSON.parse(value))),
);
