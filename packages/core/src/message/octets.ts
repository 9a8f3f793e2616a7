export function equalOctets(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let at = 0; at < a.length; at++) if (a[at] !== b[at]) return false;
  return true;
}

/** True if both are the same octets, or both are null. */
export function sameOctets(a: Uint8Array | null, b: Uint8Array | null): boolean {
  return a === null || b === null ? a === b : equalOctets(a, b);
}

/** The octets as a string with one character for each octet (ISO 8859-1); it serves as a key of maps. */
export function latin1(octets: Uint8Array): string {
  return asBuffer(octets).toString("latin1");
}

/** The same memory as a Buffer, without a copy. */
export function asBuffer(octets: Uint8Array): Buffer {
  return Buffer.from(octets.buffer, octets.byteOffset, octets.byteLength);
}
