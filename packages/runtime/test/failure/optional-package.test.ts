import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { optionalPackage } from "../../src/failure/optional-package.ts";

test("a package that is needed and not installed is named, with what it is for", async () => {
  const script = join(import.meta.dirname, "without-packages.mjs");
  const { stdout } = await promisify(execFile)(process.execPath, [script]);
  expect(stdout.split("\n")).toEqual([
    "missing-package: OAuth 2 needs the package openid-client, which is not installed: npm install openid-client",
    "missing-package: a hook that is a queue needs the package bullmq, which is not installed: npm install bullmq",
    "",
  ]);
});

test("what an installed package throws when it is loaded is passed on", async () => {
  const broken = new Error("no entry point");
  await expect(optionalPackage("broken", "nothing", () => Promise.reject(broken))).rejects.toBe(broken);
});
