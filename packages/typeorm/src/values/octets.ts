/** The octets of a binary column, without the Buffer that drivers give. */
export function octetsOf(value: unknown): Uint8Array {
  const { buffer, byteOffset, byteLength } = value as Uint8Array;
  return new Uint8Array(buffer, byteOffset, byteLength);
}

export function octetsOrNull(value: unknown): Uint8Array | null {
  return value === null ? null : octetsOf(value);
}

/** A bigint column as a number: drivers give a number, a string or a bigint, depending on the DataSource's options. */
export function numberOrNull(value: unknown): number | null {
  return value === null ? null : Number(value);
}

/** Octet by octet, as the databases sort binary keys. */
export function compareOctets(one: Uint8Array, other: Uint8Array): number {
  return Buffer.compare(one, other);
}

export function hexOf(octets: Uint8Array): string {
  return Buffer.from(octets.buffer, octets.byteOffset, octets.byteLength).toString("hex");
}

/** The same without those that were there before. */
export function distinctOctets(list: readonly Uint8Array[]): readonly Uint8Array[] {
  return [...new Map(list.map((octets) => [hexOf(octets), octets])).values()];
}
