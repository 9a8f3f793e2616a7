import { createHash, createSecretKey, type KeyObject, randomBytes } from "node:crypto";
import { FailureError } from "../failure/failure-error.ts";

/** 256 bits under which grants are encrypted. */
export interface TokenKey {
  /** Tells keys apart without giving anything of them away: 8 octets. */
  readonly id: Buffer;
  readonly key: KeyObject;
}

const KEY_OCTETS = 32;

/**
 * Reads one or more keys, each 32 octets in base64 or hex, apart by blanks, line ends or commas. The first encrypts;
 * all of them decrypt: to change the key, put the new one before the old one.
 * @throws FailureError (`token-key`, of the kind `config`); the message repeats nothing of the text
 */
export function parseTokenKeys(text: string, source: string): readonly TokenKey[] {
  const words = text.split(/[\s,]+/).filter((word) => word !== "");
  if (words.length === 0) throw badKey(source, "is empty");
  return words.map((word) => {
    const octets = /^[0-9a-f]{64}$/i.test(word)
      ? Buffer.from(word, "hex")
      : /^[A-Za-z0-9+/_-]{43}=?$/.test(word)
        ? Buffer.from(word, "base64")
        : null;
    if (octets?.length !== KEY_OCTETS) throw badKey(source, "is no key");
    return tokenKey(octets);
  });
}

/** A new key, as {@link parseTokenKeys} reads it. */
export function newTokenKey(): string {
  return randomBytes(KEY_OCTETS).toString("base64");
}

function tokenKey(octets: Buffer): TokenKey {
  const id = createHash("sha256").update("mailonce token key id\0").update(octets).digest().subarray(0, 8);
  return { id, key: createSecretKey(octets) };
}

function badKey(source: string, what: string): FailureError {
  return new FailureError(
    "token-key",
    `the key for tokens in ${source} ${what}: it is 32 random octets in base64, for instance from 'openssl rand -base64 32'`,
    "config",
  );
}
