import { createHash } from "node:crypto";
import { latin1 } from "./octets.ts";

/** The longest unique-id that is its own key, and the most octets that the ledger's column for keys holds. */
export const MAX_IDENTITY_OCTETS = 255;

const LF = 0x0a;
/** The keys that the core makes begin with LF. No unique-id does, because LF ends the line of UIDL. */
const LONG_PREFIX = new Uint8Array([LF, 0x4c]);
const CLASS_PREFIX = new Uint8Array([LF, 0x46]);

/** The ledger's key for a unique-id: its octets as they are, or a digest of them if there are more than 255. */
export function uniqueIdKey(uniqueId: Uint8Array): Uint8Array {
  if (uniqueId.length <= MAX_IDENTITY_OCTETS) return uniqueId;
  return Buffer.concat([LONG_PREFIX, createHash("sha256").update(uniqueId).digest()]);
}

/** A class: what all listed entries have in common that are counted together, without a usable unique-id (rule 5). */
export interface MessageClass {
  /** The key of the unique-id that all of them have, null if they have none. */
  readonly uniqueIdKey: Uint8Array | null;
  /** Null if the server's TOP cannot be used. */
  readonly headerDigest: Uint8Array | null;
  /** Octets without those of volatile fields; the listed octets if the header is not known. */
  readonly coreOctets: number;
}

/** The ledger's key for a class. */
export function classKey(of: MessageClass): Uint8Array {
  const fixed = Buffer.alloc(10);
  fixed.writeUInt8(of.uniqueIdKey === null ? 0 : 1, 0);
  fixed.writeUInt8(of.headerDigest === null ? 0 : 1, 1);
  fixed.writeDoubleBE(of.coreOctets, 2);
  const hash = createHash("sha256").update(fixed);
  if (of.headerDigest !== null) hash.update(of.headerDigest);
  // The unique-id comes last, because it alone has no fixed length.
  if (of.uniqueIdKey !== null) hash.update(of.uniqueIdKey);
  return Buffer.concat([CLASS_PREFIX, hash.digest()]);
}

/** A key for maps that is the same for all messages which header and octets cannot tell apart. */
export function lookAlikeKey({
  headerDigest,
  coreOctets,
}: {
  readonly headerDigest: Uint8Array | null;
  readonly coreOctets: number | null;
}): string {
  return `${coreOctets}:${headerDigest === null ? "" : latin1(headerDigest)}`;
}

/** True if the core made the key: that of a class, or of a unique-id with more than 255 octets. */
export function isOwnKey(key: Uint8Array): boolean {
  return key[0] === LF;
}

/** True if the key that begins at `start` is that of a class. */
export function isClassKey(identity: Uint8Array, start = 0): boolean {
  return identity[start] === LF && identity[start + 1] === CLASS_PREFIX[1];
}
