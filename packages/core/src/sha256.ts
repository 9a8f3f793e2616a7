import { createHash, hash } from "node:crypto";

/** SHA-256 over the parts in order. In one call where there is one part: a hash object costs more than a small mail. */
export function sha256(...parts: readonly Uint8Array[]): Uint8Array {
  const [only] = parts;
  if (only !== undefined && parts.length === 1) return hash("sha256", only, "buffer");
  const digest = createHash("sha256");
  for (const part of parts) digest.update(part);
  return digest.digest();
}
