import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize, relative } from "node:path";
import { describe, expect, test } from "vitest";

const root = join(import.meta.dirname, "../..");
const core = "packages/core/src";
const cli = "apps/cli/src";

/**
 * The rooms of some packages, from the roof to the ground; the core's README tells of the core's. A file uses what stands
 * in its own room and in rooms further down; rooms of one floor do not know each other.
 */
const FLOORS: Readonly<Record<string, readonly (readonly string[])[]>> = {
  [core]: [
    ["conformance", "index.ts"],
    ["run"],
    ["record"],
    ["select"],
    ["retrieve", "detect"],
    ["report", "search"],
    ["listing", "criteria", "memory"],
    ["ports"],
    ["message", "words"],
    ["errors.ts"],
  ],
  "packages/pop3/src": [
    ["index.ts"],
    ["client"],
    ["listing", "login", "messages", "transport"],
    ["session", "sasl"],
    ["options"],
    ["protocol"],
    ["errors"],
  ],
  "packages/runtime/src": [
    ["index.ts", "doctor"],
    ["store"],
    ["service"],
    ["schedule"],
    ["outbox", "run"],
    ["config", "content", "oauth2", "session"],
    ["ledger", "login", "profiles", "secret"],
    ["account", "proxy", "spool"],
    ["failure"],
    ["system", "text"],
  ],
  "packages/content/src": [
    ["index.ts"],
    ["part-content.ts", "read-content.ts"],
    ["composer.ts", "has-attachment.ts", "is-file.ts"],
    ["leaf-text.ts", "message-reader.ts", "notes.ts"],
    ["leaf.ts"],
    ["file-name.ts", "header"],
    ["calendar", "mime", "text"],
    ["encoding", "html"],
    [
      "alternatives.ts",
      "columns.ts",
      "content.ts",
      "faults.ts",
      "limits.ts",
      "octets",
      "preview.ts",
      "version.ts",
    ],
  ],
  "apps/worker/src": [
    ["start.ts"],
    ["main.ts"],
    ["worker"],
    ["status"],
    ["accounts", "process"],
    ["queue"],
    ["log"],
    ["text"],
  ],
  [cli]: [
    ["start.ts"],
    ["main.ts"],
    ["program.ts"],
    ["commands.ts"],
    ["commands"],
    ["definition", "oauth2", "run", "store"],
    ["accounts", "help"],
    ["input"],
    ["output", "version.ts"],
  ],
};

/** Only these make use of the stores and sessions in memory; what runs in production has no part of them. */
const USERS_OF_MEMORY = ["conformance", "memory"];

function filesOf(source: string): readonly string[] {
  return readdirSync(join(root, source), { recursive: true, encoding: "utf8" }).filter((file) =>
    file.endsWith(".ts"),
  );
}

function roomOf(file: string): string {
  return file.split("/")[0] ?? file;
}

/** The rooms whose files this one names, in imports and exports of values and of types. */
function usedBy(source: string, file: string): readonly string[] {
  const text = readFileSync(join(root, source, file), "utf8");
  return [...text.matchAll(/(?:from|import)\s*\(?\s*"(\.[^"]+)"/g)].map(([, path = ""]) =>
    roomOf(relative(".", normalize(join(dirname(file), path)))),
  );
}

describe.each(Object.entries(FLOORS))("the rooms of %s", (source, floors) => {
  const files = filesOf(source);
  const floorOf = (room: string): number => floors.findIndex((rooms) => rooms.includes(room));

  test("are all on a floor", () => {
    expect(new Set(files.map(roomOf))).toEqual(new Set(floors.flat()));
  });

  test.each(files)("use only rooms further down: %s", (file) => {
    const room = roomOf(file);
    const others = usedBy(source, file).filter((used) => used !== room);
    expect(others.filter((used) => floorOf(used) <= floorOf(room))).toEqual([]);
  });
});

test.each(filesOf(core))("what is in memory is left to tests: %s", (file) => {
  if (!USERS_OF_MEMORY.includes(roomOf(file))) expect(usedBy(core, file)).not.toContain("memory");
});

test.each(filesOf(`${cli}/commands`))("a command of the command line uses no other: %s", (file) => {
  const others = usedBy(`${cli}/commands`, file).filter((used) => used !== ".." && used !== roomOf(file));
  expect(others).toEqual([]);
});
