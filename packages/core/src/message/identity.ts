import { createHash } from "node:crypto";
import { latin1 } from "./octets.ts";

/** Longest unique-id that is its own key; the ledger's column holds as many octets. */
export const MAX_IDENTITY_OCTETS = 255;

const LF = 0x0a;
/** No unique-id can begin with LF, which ends its line: keys that do are ours. */
const LONG_PREFIX = new Uint8Array([LF, 0x4c]);
const CLASS_PREFIX = new Uint8Array([LF, 0x46]);

/** The ledger's key for a unique-id: its octets as they are, or a digest of them where they are too many. */
export function uniqueIdKey(uniqueId: Uint8Array): Uint8Array {
  if (uniqueId.length <= MAX_IDENTITY_OCTETS) return uniqueId;
  return Buffer.concat([LONG_PREFIX, createHash("sha256").update(uniqueId).digest()]);
}

/** What entries without a usable unique-id have in common when they count as one class. */
export interface MessageClass {
  /** The unique-id in key form, null if there is none. */
  readonly uniqueIdKey: Uint8Array | null;
  /** Null where the server's TOP cannot be used. */
  readonly headerDigest: Uint8Array | null;
  /** Octets without volatile fields; listed octets where the header is not known. */
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
  // Last, because it alone has no fixed length.
  if (of.uniqueIdKey !== null) hash.update(of.uniqueIdKey);
  return Buffer.concat([CLASS_PREFIX, hash.digest()]);
}

/** What messages have in common that header and octets cannot tell apart: a key for maps. */
export function lookOf({
  headerDigest,
  coreOctets,
}: {
  readonly headerDigest: Uint8Array | null;
  readonly coreOctets: number | null;
}): string {
  return `${coreOctets}:${headerDigest === null ? "" : latin1(headerDigest)}`;
}

/** True if the core made the key: of a class, or of a unique-id that is too long to be one. */
export function isOwnKey(key: Uint8Array): boolean {
  return key[0] === LF;
}

/** True if the key, which begins at `start`, is a class's. */
export function isClassKey(identity: Uint8Array, start = 0): boolean {
  return identity[start] === LF && identity[start + 1] === CLASS_PREFIX[1];
}
