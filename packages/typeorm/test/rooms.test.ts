import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { describe, expect, test } from "vitest";

const sources = join(import.meta.dirname, "../src");

/** The rooms of the package from the roof to the ground. A file uses its own room and rooms of lower floors. */
const FLOORS: readonly (readonly string[])[] = [
  ["index.ts"],
  ["store"],
  ["dialects.ts", "service", "exports"],
  ["mysql", "sqlite", "ledger", "contents", "search", "threads"],
  ["messages", "outbox", "server"],
  ["database"],
  ["migrations"],
  ["schema"],
  ["values"],
  ["arguments"],
];

/** Where the databases' differences stand, and the list of them. */
const DIALECTS = ["mysql", "sqlite", "dialects.ts"];

/** What only the folder of a dialect says: a kind of database by name, and SQL that not all of them understand. */
const OF_A_DIALECT =
  /"(?:mysql|mariadb|sqlite|better-sqlite3|postgres)"|FOR UPDATE|INDEXED BY|FORCE INDEX|STRAIGHT_JOIN|ON CONFLICT|ON DUPLICATE KEY|strftime|UTC_TIMESTAMP|AS CHAR|pragma_|PRAGMA|information_schema|SQLITE_|errnos\(\d/;

const files = readdirSync(sources, { recursive: true, encoding: "utf8" }).filter((file) =>
  file.endsWith(".ts"),
);

function roomOf(file: string): string {
  return file.split("/")[0] ?? file;
}

function floorOf(room: string): number {
  return FLOORS.findIndex((rooms) => rooms.includes(room));
}

function sourceOf(file: string): string {
  return readFileSync(join(sources, file), "utf8");
}

/** The rooms whose files this one names, in imports and exports of values and of types. */
function usedBy(file: string): readonly string[] {
  return [...sourceOf(file).matchAll(/(?:from|import)\s*\(?\s*"(\.[^"]+)"/g)].map(([, path = ""]) =>
    roomOf(normalize(join(dirname(file), path))),
  );
}

describe("the rooms of the store", () => {
  test("are all on a floor", () => {
    expect(new Set(files.map(roomOf))).toEqual(new Set(FLOORS.flat()));
  });

  test.each(files)("use only rooms further down: %s", (file) => {
    const room = roomOf(file);
    const others = usedBy(file).filter((used) => used !== room);
    expect(others.filter((used) => floorOf(used) <= floorOf(room))).toEqual([]);
  });

  test.each(files.filter((file) => !DIALECTS.includes(roomOf(file))))(
    "leave to the dialects what differs between databases: %s",
    (file) => {
      const code = sourceOf(file).replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, "");
      // An address that is no server's is called "sqlite" in public.
      const said = code.replace('{ readonly kind: "sqlite"; readonly file: string }', "");
      expect(OF_A_DIALECT.exec(said)).toBeNull();
    },
  );
});
