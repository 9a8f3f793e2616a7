import { createRequire } from "node:module";

/** The version of this program. */
export function programVersion(): string {
  const { version }: { version: string } = createRequire(import.meta.url)("../package.json");
  return version;
}
