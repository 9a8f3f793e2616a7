import { createHash } from "node:crypto";
import { stat } from "node:fs/promises";
import type { Account } from "../account/account-url.ts";

/**
 * A secret that is kept in a file or in the environment, so that two runs can be expected to use the same. What a command
 * writes or a person types may be another one each time.
 */
export interface LastingSecret {
  readonly place: "file" | "environment";
  /**
   * 32 octets that change when the secret may have changed, such as a digest of its file's times. They are not made of the
   * secret itself. Null if there is no such thing.
   */
  fingerprint(): Promise<Uint8Array | null>;
}

/** A file that was changed less than so long ago may be changed once more without another time of change. */
const RECENT_MS = 2000;

/**
 * The fingerprint of a file with an account's secret. Take it before the file is read: then it never stands for a newer
 * secret than the one that was read.
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
