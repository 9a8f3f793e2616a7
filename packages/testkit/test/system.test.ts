import { existsSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { expect, test } from "vitest";
import { ensureDebianPackages, missingDebianPackages } from "../../../scripts/debian.mjs";
import { findProgram, freePort, startProcess, temporaryFolder, waitForPort } from "../src/index.ts";

test("removes a temporary folder with all in it", async () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder.path, "file"), "x");
  await folder.remove();
  expect(existsSync(folder.path)).toBe(false);
  await folder.remove();
});

test("waits for a port, and gives up with a reason", async () => {
  const port = await freePort();
  await expect(waitForPort(port, { timeout: 0 })).rejects.toThrow(`${port}`);
  await expect(waitForPort(port, { abandon: () => "It has died" })).rejects.toThrow("It has died");
  const server = createServer((socket) => socket.end("+OK\r\n"));
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  await waitForPort(port, { greeting: /^\+OK/ });
  server.close();
});

test("waits for a line of a program, and stops it by force when it does not listen", async () => {
  const process = await startProcess("sh", ["-c", "trap '' TERM; echo ready; while :; do sleep 0.05; done"]);
  expect(await process.waitForLine(/^ready/)).toBe("ready");
  expect(process.running).toBe(true);
  await process.stop(50);
  expect(process.running).toBe(false);
  expect(await process.ended).toBeNull();
});

test("says what a program wrote that ended too early", async () => {
  const process = await startProcess("sh", ["-c", "echo no such setting >&2; exit 3"]);
  await expect(process.waitForLine(/^ready/)).rejects.toThrow("no such setting");
  expect(await process.ended).toBe(3);
});

test("finds programs, and knows which Debian packages are there", () => {
  expect(findProgram("sh")).toMatch(/\/sh$/);
  expect(findProgram("no-such-program")).toBeUndefined();
  expect(ensureDebianPackages(["openssl", "mariadb-server", "dovecot-pop3d"])).toEqual([]);
  expect(missingDebianPackages(["openssl", "no-such-package"])).toEqual(["no-such-package"]);
});
