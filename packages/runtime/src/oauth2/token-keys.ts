import { readFile, stat } from "node:fs/promises";
import { FailureError } from "../failure/failure-error.ts";
import { decodedSecret, noSecret, variable } from "../secret/secret-text.ts";
import type { Environment } from "../system/environment.ts";
import { parseTokenKeys, type TokenKey } from "./token-key.ts";

/** Where keys may come from. */
export interface TokenKeySources {
  readonly env: Environment;
  /** Reads what the accounts file names; null: it names none. */
  readonly configured: (() => Promise<string>) | null;
  /** The file that `mailonce login` makes. */
  readonly file: string;
}

/**
 * The keys of the accounts file's `tokenKey`, else of MAILONCE_TOKEN_KEY, else of the key file; null if there is none
 * of them.
 * @throws FailureError (`token-key` or `secret`, of the kind `config`) for what is no key, or a file that others may read
 */
export async function readTokenKeys(sources: TokenKeySources): Promise<readonly TokenKey[] | null> {
  const { env, configured, file } = sources;
  if (configured !== null) return parseTokenKeys(await configured(), "tokenKey");
  const fromEnvironment = variable(env, "MAILONCE_TOKEN_KEY");
  if (fromEnvironment !== undefined)
    return keysIn(fromEnvironment, "MAILONCE_TOKEN_KEY", "the environment variable MAILONCE_TOKEN_KEY");
  let octets: Uint8Array;
  try {
    const { mode } = await stat(file);
    if (process.platform !== "win32" && (mode & 0o077) !== 0) {
      throw new FailureError(
        "token-key",
        `others can read the key file ${file}: chmod 600 it, and run 'mailonce login' again if they may have`,
        "config",
      );
    }
    octets = await readFile(file);
  } catch (error) {
    if (error instanceof FailureError) throw error;
    const { code = "unknown error" } = error as NodeJS.ErrnoException;
    if (code === "ENOENT") return null;
    throw new FailureError("token-key", `the key file ${file} cannot be read (${code})`, "config");
  }
  return keysIn(octets, file, `the file ${file}`);
}

/** There may be several, on as many lines. */
function keysIn(source: Uint8Array | string, name: string, place: string): readonly TokenKey[] {
  const read = decodedSecret(source);
  if (read.kind === "wrong") throw noSecret(`the key for tokens: ${place} ${read.why}`);
  return parseTokenKeys(read.kind === "text" ? read.text : "", name);
}

/** The error where tokens must be encrypted or decrypted and there is no key. */
export function noTokenKey(): FailureError {
  return new FailureError(
    "token-key",
    "there is no key to encrypt tokens with: 'mailonce login ACCOUNT' makes one, or set MAILONCE_TOKEN_KEY (openssl rand -base64 32)",
    "config",
  );
}
