import { randomUUID } from "node:crypto";
import { link, mkdir, open, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { FailureError } from "../failure/failure-error.ts";
import { newTokenKey } from "./token-key.ts";

/**
 * Writes a new key to a file that is there for its owner only, and never half written.
 * @returns false, and the file stays as it is, if there is one already
 * @throws FailureError (`token-key`, of the kind `config`) if it cannot be written
 */
export async function makeKeyFile(path: string): Promise<boolean> {
  const unfinished = `${path}.${randomUUID()}`;
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    {
      await using file = await open(unfinished, "wx", 0o600);
      await file.writeFile(`${newTokenKey()}\n`);
      await file.sync();
    }
    await link(unfinished, path);
    return true;
  } catch (error) {
    const { code = "unknown error" } = error as NodeJS.ErrnoException;
    if (code === "EEXIST") return false;
    throw new FailureError(
      "token-key",
      `the key file ${path} cannot be written (${code}); or set MAILONCE_TOKEN_KEY (openssl rand -base64 32)`,
      "config",
    );
  } finally {
    await rm(unfinished, { force: true }).catch(() => {});
  }
}
