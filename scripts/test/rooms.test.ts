import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize, relative } from "node:path";
import { describe, expect, test } from "vitest";

const core = join(import.meta.dirname, "../../packages/core/src");

/**
 * The rooms of the core from the roof to the ground (packages/core/README.md). A file uses what stands in its own room
 * and in rooms further down; rooms of one floor do not know each other.
 */
const FLOORS: readonly (readonly string[])[] = [
  ["conformance", "index.ts"],
  ["run"],
  ["record"],
  ["select"],
  ["retrieve", "detect"],
  ["report"],
  ["listing", "criteria", "memory"],
  ["ports"],
  ["message"],
  ["errors.ts"],
];

/** Only these make use of the stores and sessions in memory; what runs in production has no part of them. */
const USERS_OF_MEMORY = ["conformance", "memory"];

const files = readdirSync(core, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".ts"));

function roomOf(file: string): string {
  return file.split("/")[0] ?? file;
}

function floorOf(room: string): number {
  return FLOORS.findIndex((rooms) => rooms.includes(room));
}

/** The rooms whose files this one names, in imports and exports of values and of types. */
function usedBy(file: string): readonly string[] {
  const source = readFileSync(join(core, file), "utf8");
  return [...source.matchAll(/(?:from|import)\s*\(?\s*"(\.[^"]+)"/g)].map(([, path = ""]) =>
    roomOf(relative(".", normalize(join(dirname(file), path)))),
  );
}

describe("the rooms of the core", () => {
  test("are all on a floor", () => {
    expect(new Set(files.map(roomOf))).toEqual(new Set(FLOORS.flat()));
  });

  test.each(files)("use only rooms further down: %s", (file) => {
    const room = roomOf(file);
    const others = usedBy(file).filter((used) => used !== room);
    expect(others.filter((used) => floorOf(used) <= floorOf(room))).toEqual([]);
  });

  test.each(files)("leave what is in memory to tests: %s", (file) => {
    if (!USERS_OF_MEMORY.includes(roomOf(file))) expect(usedBy(file)).not.toContain("memory");
  });
});
