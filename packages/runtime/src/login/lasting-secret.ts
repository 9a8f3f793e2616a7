import { createHash } from "node:crypto";
import { stat } from "node:fs/promises";
import type { Account } from "../account/account-url.ts";

/**
 * A secret that is kept somewhere and stays the same from run to run, so that it can be told again. What a command writes
 * or a person types may be anything each time.
 */
export interface LastingSecret {
  /**
   * 32 octets that stay the same as long as the secret does, for the one that the credentials were made of; null where
   * nothing tells. Nothing of the secret is in them.
   */
  fingerprint(): Promise<Uint8Array | null>;
}

/** A file that was changed so recently may be changed once more without its times telling. */
const RECENT_MS = 2000;

/**
 * What tells that the file with an account's secret was not touched. Taken before the file is read, it never stands for
 * a secret that is newer than the one that was read.
 */
export async function fileFingerprint(
  file: string,
  { user, host, port, tls }: Account,
): Promise<Uint8Array | null> {
  try {
    const { dev, ino, mtimeNs, ctimeNs, ctimeMs } = await stat(file, { bigint: true });
    if (Date.now() - Number(ctimeMs) < RECENT_MS) return null;
    const facts = [user, host, port, tls, file, ...[dev, ino, mtimeNs, ctimeNs].map(String)];
    return createHash("sha256").update(JSON.stringify(facts)).digest();
  } catch {
    return null;
  }
}
