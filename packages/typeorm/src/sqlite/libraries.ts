import { readFileSync } from "node:fs";
import process from "node:process";
import type { BetterSqlite3Driver } from "./better-sqlite3-adapter.ts";
import { isNodeSqlite, isNodeSqliteLoaded } from "./sqlite-module.ts";

/** The first octets of every SQLite database: whatever reads and writes such files holds them. */
const MAGIC = "SQLite format 3\0";

const NODE_SQLITE = "node:sqlite";

/** An SQLite library in this process. */
interface Library {
  /** Its path, or `node:sqlite` for the one that is a part of Node. */
  readonly name: string;
  readonly content: Buffer | null;
}

/** The SQLite libraries that this process has loaded beside the one that `driver` works with: for people, their names. */
export function otherLibraries(driver: BetterSqlite3Driver): readonly string[] {
  const libraries = loadedLibraries();
  const own = libraries.find((library) => isOf(library, identityOf(driver))) ?? libraries[0];
  return libraries.filter((library) => library !== own).map(({ name }) => name);
}

function loadedLibraries(): readonly Library[] {
  const libraries: Library[] = [];
  for (const path of new Set(sharedObjects())) {
    const content = contentOf(path);
    if (content !== null) libraries.push({ name: path, content });
  }
  // Where Node itself uses the system's library, that one is in the list already.
  if (isNodeSqliteLoaded() && !isShared()) libraries.push({ name: NODE_SQLITE, content: null });
  return libraries;
}

/** What SQLite says of the sources that the driver's library is made of, and whether it is the one in Node. */
function identityOf(driver: BetterSqlite3Driver): { readonly sources: string; readonly isNode: boolean } {
  const adapted = driver.adapted?.();
  const isNode = adapted !== undefined && isNodeSqlite(adapted) && !isShared();
  const database = new driver(":memory:");
  try {
    const [row] = database.prepare("SELECT sqlite_source_id() AS sources").all() as { sources: string }[];
    return { sources: row?.sources ?? MAGIC, isNode };
  } finally {
    database.close();
  }
}

function isOf({ content }: Library, { sources, isNode }: ReturnType<typeof identityOf>): boolean {
  return content === null ? isNode : !isNode && content.includes(sources);
}

/** True where Node was built to use the system's SQLite. */
function isShared(): boolean {
  const { variables } = process.config as { readonly variables: Readonly<Record<string, unknown>> };
  return variables["node_shared_sqlite"] === true;
}

function sharedObjects(): readonly string[] {
  const paths = process.platform === "linux" ? mappedFiles() : reportedObjects();
  return paths.filter((path) => /\.node$|\.so(?:\.|$)|\.dylib$/.test(path));
}

function mappedFiles(): readonly string[] {
  try {
    return readFileSync("/proc/self/maps", "utf8")
      .split("\n")
      .flatMap((line) => /\/.*$/.exec(line)?.[0] ?? []);
  } catch {
    return reportedObjects();
  }
}

function reportedObjects(): readonly string[] {
  const report = process.report as typeof process.report & { excludeNetwork?: boolean };
  const before = report.excludeNetwork;
  // It would look up the names of everybody that the process is connected to.
  report.excludeNetwork = true;
  try {
    const { sharedObjects = [] } = report.getReport() as { readonly sharedObjects?: readonly string[] };
    return sharedObjects;
  } finally {
    if (before !== undefined) report.excludeNetwork = before;
  }
}

/** Null if it is no SQLite library. */
function contentOf(path: string): Buffer | null {
  try {
    const content = readFileSync(path);
    return content.includes(MAGIC) ? content : null;
  } catch {
    return null;
  }
}
