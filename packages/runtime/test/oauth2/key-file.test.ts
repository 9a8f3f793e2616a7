import { mkdirSync, readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { temporaryFolder } from "@mailonce/testkit";
import { expect, onTestFinished, test } from "vitest";
import { makeKeyFile } from "../../src/oauth2/key-file.ts";
import { parseTokenKeys } from "../../src/oauth2/token-key.ts";
import { readTokenKeys } from "../../src/oauth2/token-keys.ts";

function freshFile(): string {
  const folder = temporaryFolder("mailonce-key-");
  onTestFinished(() => folder.remove());
  return join(folder.path, "config/mailonce/token.key");
}

test("a key file is made once, whole, and for its owner only, by however many at once", async () => {
  const file = freshFile();
  const made = await Promise.all(Array.from({ length: 8 }, () => makeKeyFile(file)));
  expect(made.filter(Boolean)).toHaveLength(1);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(statSync(dirname(file)).mode & 0o777).toBe(0o700);
  expect(readdirSync(dirname(file))).toEqual(["token.key"]);
  expect(parseTokenKeys(readFileSync(file, "utf8"), file)).toHaveLength(1);
});

test("a key file that cannot be written is told", async () => {
  const file = freshFile();
  mkdirSync(file, { recursive: true });
  expect(await makeKeyFile(file)).toBe(false);
  await expect(makeKeyFile(`/dev/null/${file}`)).rejects.toMatchObject({ code: "token-key", kind: "config" });
  await expect(readTokenKeys({ env: {}, configured: null, file })).rejects.toMatchObject({
    code: "token-key",
  });
});

test("keys come from the accounts file, else from the environment, else from the key file", async () => {
  const file = freshFile();
  await makeKeyFile(file);
  const [first, second] = ["01".repeat(32), "02".repeat(32)];
  const idOf = (keys: Awaited<ReturnType<typeof readTokenKeys>>) => keys?.[0]?.id.toString("hex");
  const configured = async (): Promise<string> => first;
  const env = { MAILONCE_TOKEN_KEY: second };
  expect(idOf(await readTokenKeys({ env, configured, file }))).toBe(idOf(parseTokenKeys(first, "a test")));
  expect(idOf(await readTokenKeys({ env, configured: null, file }))).toBe(
    idOf(parseTokenKeys(second, "a test")),
  );
  expect(idOf(await readTokenKeys({ env: {}, configured: null, file }))).toBe(
    idOf(parseTokenKeys(readFileSync(file, "utf8"), file)),
  );
  expect(await readTokenKeys({ env: {}, configured: null, file: `${file}.missing` })).toBeNull();
});
