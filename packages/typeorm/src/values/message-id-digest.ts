import { createHash } from "node:crypto";

const OCTETS = 16;

/**
 * By what message-ids are compared and found, however long they are: the first 16 octets of the SHA-256 of their UTF-8. Two
 * that differ in anything, be it the case of a letter, have different ones.
 */
export function messageIdDigest(messageId: string): Uint8Array {
  return createHash("sha256").update(messageId).digest().subarray(0, OCTETS);
}
