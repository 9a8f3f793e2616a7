import { copyFileSync, existsSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { type SqliteLibrary, sqliteDriver } from "../src/index.ts";

/**
 * A second SQLite library in this process: a copy of the file that the first one is loaded from has memory of its own,
 * as the copies in two packages' node_modules have, or better-sqlite3 beside `node:sqlite`.
 */
export function secondLibrary(folder: string): { readonly DatabaseSync: SqliteLibrary } {
  const load = createRequire(pathToFileURL(path.resolve(import.meta.dirname, "../package.json")));
  const first = path.join(path.dirname(load.resolve("@photostructure/sqlite/package.json")), "prebuilds");
  const libc = process.platform === "linux" && !isGlibc() ? "musl" : "glibc";
  const copy = path.join(folder, "second-sqlite.node");
  if (existsSync(copy)) return load(copy) as { readonly DatabaseSync: SqliteLibrary };
  copyFileSync(
    path.join(first, `${process.platform}-${process.arch}`, `@photostructure+sqlite.${libc}.node`),
    copy,
  );
  return load(copy) as { readonly DatabaseSync: SqliteLibrary };
}

/** A connection of that library, as better-sqlite3 has them; by default it waits as TypeORM lets it wait. */
export function connect(library: SqliteLibrary, file: string, timeout = 5000) {
  return new (sqliteDriver(library))(file, { timeout });
}

function isGlibc(): boolean {
  const { header } = process.report.getReport() as {
    readonly header: { readonly glibcVersionRuntime?: string };
  };
  return header.glibcVersionRuntime !== undefined;
}
