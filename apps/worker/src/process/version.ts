import { createRequire } from "node:module";

/** The worker's version, as its package says. */
export function version(): string {
  return createRequire(import.meta.url)("../../package.json").version;
}
