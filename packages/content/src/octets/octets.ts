export const LF = 0x0a;
export const CR = 0x0d;

/** The same octets, with the search functions of Node's buffers. */
export function bufferOf(octets: Uint8Array): Buffer {
  return Buffer.from(octets.buffer, octets.byteOffset, octets.byteLength);
}

/** The octets as a string of the same length (ISO 8859-1). */
export function latin1(octets: Uint8Array): string {
  return bufferOf(octets).toString("latin1");
}

/** The octets of a string of characters below 256. */
export function octetsOf(text: string): Uint8Array {
  return Buffer.from(text, "latin1");
}

/** Where the line that holds `at` ends: after its LF, or at `end`. */
export function lineEnd(octets: Buffer, at: number, end: number): number {
  const lf = octets.indexOf(LF, at);
  return lf < 0 || lf >= end ? end : lf + 1;
}
