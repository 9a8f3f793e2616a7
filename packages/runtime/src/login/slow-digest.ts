import { createHmac, randomBytes, scrypt } from "node:crypto";

/** scrypt's work factor: a table of these digests shall not be a table of passwords. */
const COST = 2 ** 14;
/** So many at a time: each keeps a thread busy, which others need for files and names, and 16 MiB of memory. */
const AT_ONCE = 2;
/** So many are remembered: workers look at the same few secrets again and again. */
const REMEMBERED = 20_000;

let running = 0;
const waiting: (() => void)[] = [];
/** By what they were made of, which a key of this process's own hides. */
const remembered = new Map<string, Promise<Buffer>>();
let ownKey: Buffer | null = null;

/** A digest (32 octets) of a secret that takes about 50 ms of a processor, so that few secrets can be tried. */
export function slowDigest(secret: string, salt: Uint8Array): Promise<Buffer> {
  ownKey ??= randomBytes(32);
  const key = createHmac("sha256", ownKey).update(salt).update("\0").update(secret).digest("base64");
  const known = remembered.get(key);
  if (known !== undefined) return known;
  const [oldest] = remembered.size < REMEMBERED ? [] : remembered.keys();
  if (oldest !== undefined) remembered.delete(oldest);
  const made = inTurn(secret, salt);
  remembered.set(key, made);
  made.catch(() => remembered.delete(key));
  return made;
}

async function inTurn(secret: string, salt: Uint8Array): Promise<Buffer> {
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
