import { createHash, hash } from "node:crypto";

/**
 * SHA-256 over the parts in their order. One part is hashed in one call, because making a hash object takes longer than
 * hashing a small message; the result is copied from a string, because thousands of ArrayBuffers cost more than the copy.
 */
export function sha256(...parts: readonly Uint8Array[]): Uint8Array {
  const [only] = parts;
  if (only !== undefined && parts.length === 1) return Buffer.from(hash("sha256", only, "binary"), "binary");
  const digest = createHash("sha256");
  for (const part of parts) digest.update(part);
  return digest.digest();
}
