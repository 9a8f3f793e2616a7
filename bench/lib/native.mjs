// The C programs, compiled when they are first needed.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync } from "node:fs";
import { join } from "node:path";
import { cacheFolder } from "./cache.mjs";

const SOURCES = {
  maildrop: "native/maildrop.c",
  measure: "native/measure.c",
  raw: "native/raw.c",
  relay: "client/relay.c",
};

/** The path of a compiled program. @param {keyof typeof SOURCES} name */
export function nativeProgram(name) {
  const source = join(import.meta.dirname, "..", SOURCES[name]);
  const digest = createHash("sha256").update(readFileSync(source)).digest("hex").slice(0, 12);
  const folder = join(cacheFolder(), "native");
  const program = join(folder, `${name}-${digest}`);
  if (existsSync(program)) return program;
  mkdirSync(folder, { recursive: true });
  const made = `${program}.${process.pid}`;
  execFileSync("gcc", ["-O2", "-o", made, source]);
  renameSync(made, program);
  return program;
}
