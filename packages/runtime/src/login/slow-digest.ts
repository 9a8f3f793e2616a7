import { scrypt } from "node:crypto";

/** scrypt's work factor: a table of these digests shall not be a table of passwords. */
const COST = 2 ** 14;
/** So many at a time: each keeps a thread busy, which others need for files and names, and 16 MiB of memory. */
const AT_ONCE = 2;

let running = 0;
const waiting: (() => void)[] = [];

/** A digest (32 octets) of a secret that takes about 50 ms of a processor, so that few secrets can be tried. */
export async function slowDigest(secret: string, salt: Uint8Array): Promise<Buffer> {
  if (running >= AT_ONCE) await new Promise<void>((resolve) => waiting.push(resolve));
  else running++;
  try {
    return await new Promise<Buffer>((resolve, reject) =>
      scrypt(secret, salt, 32, { N: COST }, (error, digest) => (error ? reject(error) : resolve(digest))),
    );
  } finally {
    const next = waiting.shift();
    if (next === undefined) running--;
    else next();
  }
}
