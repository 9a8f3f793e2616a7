import { expect, it } from "vitest";
import { cacheDirectory, dataDirectory, defaultDatabaseUrl } from "../../src/system/user-folders.ts";

it.each([
  ["linux", { HOME: "/home/joe" }, "/home/joe/.local/share/mailonce"],
  ["linux", { HOME: "/home/joe", XDG_DATA_HOME: "/data" }, "/data/mailonce"],
  ["linux", { HOME: "/home/joe", XDG_DATA_HOME: "relative" }, "/home/joe/.local/share/mailonce"],
  ["darwin", { HOME: "/Users/joe" }, "/Users/joe/Library/Application Support/mailonce"],
  ["win32", { LOCALAPPDATA: "C:\\Users\\joe\\AppData\\Local" }, "C:\\Users\\joe\\AppData\\Local\\mailonce"],
  ["win32", { USERPROFILE: "C:\\Users\\joe" }, "C:\\Users\\joe\\AppData\\Local\\mailonce"],
] as const)("on %s with %j the data lies in %s", (platform, env, expected) => {
  expect(dataDirectory(env, platform)).toBe(expected);
});

it.each([
  ["linux", { HOME: "/home/joe" }, "/home/joe/.cache/mailonce"],
  ["linux", { HOME: "/home/joe", XDG_CACHE_HOME: "/cache" }, "/cache/mailonce"],
  ["darwin", { HOME: "/Users/joe" }, "/Users/joe/Library/Caches/mailonce"],
  ["win32", { USERPROFILE: "C:\\Users\\joe" }, "C:\\Users\\joe\\AppData\\Local\\mailonce"],
] as const)("on %s with %j what can be made anew lies in %s", (platform, env, expected) => {
  expect(cacheDirectory(env, platform)).toBe(expected);
});

it("keeps the database in the data directory by default", () => {
  expect(defaultDatabaseUrl({ XDG_DATA_HOME: "/data" }, "linux")).toBe(
    "sqlite:/data/mailonce/mailonce.sqlite",
  );
});

it("encodes what would mean something else in a database URL", () => {
  const url = defaultDatabaseUrl({ XDG_DATA_HOME: "/100% #1?" }, "linux");
  expect(url).toBe("sqlite:/100%25 %231%3F/mailonce/mailonce.sqlite");
});
