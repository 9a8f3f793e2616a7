import { notMessageId } from "../arguments/expect-arguments.ts";

/**
 * A UUID as the 16 octets that the tables hold: UUIDv7 then sorts by time on every database.
 *
 * @param argument the argument's name, for the error
 * @throws ArgumentError if it is no UUID
 */
export function uuidToOctets(uuid: string, argument = "messageId"): Buffer {
  if (typeof uuid !== "string") throw notMessageId(argument, uuid);
  const digits = uuid.replaceAll("-", "");
  const octets = Buffer.from(digits, "hex");
  // Buffer.from stops at the first character that is no hexadecimal digit.
  if (octets.length !== 16 || digits.length !== 32) throw notMessageId(argument, uuid);
  return octets;
}

/** The 16 octets as a UUID in lower case. */
export function octetsToUuid(octets: Uint8Array): string {
  return withDashes(Buffer.from(octets.buffer, octets.byteOffset, octets.byteLength).toString("hex"));
}

/** The lowest and the highest id that begin with `prefix`; null if no UUID begins so. */
export function uuidRange(prefix: string): { readonly lowest: Buffer; readonly highest: Buffer } | null {
  const digits = prefix.replaceAll("-", "");
  if (!/^[0-9a-f]{0,32}$/.test(digits)) return null;
  if (!withDashes(digits.padEnd(32, "0")).startsWith(prefix)) return null;
  return {
    lowest: Buffer.from(digits.padEnd(32, "0"), "hex"),
    highest: Buffer.from(digits.padEnd(32, "f"), "hex"),
  };
}

/** Lower than any UUIDv7 that was made at this time or later. */
export function lowestUuidAt(time: Date): Buffer {
  const octets = Buffer.alloc(16);
  octets.writeUIntBE(Math.max(0, time.getTime()), 0, 6);
  return octets;
}

function withDashes(hex: string): string {
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
