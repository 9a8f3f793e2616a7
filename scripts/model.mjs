// The model test of packages/core as plain modules.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root, run } from "./setup.mjs";

/** Compiles it; gives the folder. Node 20 reads no TypeScript, and a bundler's module runner is slower. */
export function compileModel() {
  const folder = join(root, "packages/core/node_modules/.cache/model");
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "package.json"), JSON.stringify({ type: "module" }));
  const project = join(root, "packages/core/test/model/tsconfig.json");
  run("compiling the model test", join(root, "node_modules/.bin/tsc"), ["-p", project]);
  return folder;
}
