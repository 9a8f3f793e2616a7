import { createHash, hash } from "node:crypto";

/**
 * SHA-256 over the parts in order. In one call where there is one part: a hash object costs more than a small mail; and
 * by way of a string, because an ArrayBuffer for each of thousands of digests costs more than both copies.
 */
export function sha256(...parts: readonly Uint8Array[]): Uint8Array {
  const [only] = parts;
  if (only !== undefined && parts.length === 1) return Buffer.from(hash("sha256", only, "binary"), "binary");
  const digest = createHash("sha256");
  for (const part of parts) digest.update(part);
  return digest.digest();
}
