import { createHash } from "node:crypto";

/** The SHA-256 of octets: 32 octets. */
export function sha256(octets: Uint8Array): Uint8Array {
  return createHash("sha256").update(octets).digest();
}
