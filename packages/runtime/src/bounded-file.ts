import type { FileHandle } from "node:fs/promises";

const CHUNK = 64 * 1024;

/** All octets of an open file, or null if there are more than so many: a device or a pipe may have no end. */
export async function readAtMost(file: FileHandle, maxOctets: number): Promise<Buffer | null> {
  const chunks: Buffer[] = [];
  let octets = 0;
  for (;;) {
    const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(CHUNK), 0, CHUNK, null);
    if (bytesRead === 0) return Buffer.concat(chunks);
    octets += bytesRead;
    if (octets > maxOctets) return null;
    chunks.push(buffer.subarray(0, bytesRead));
  }
}
