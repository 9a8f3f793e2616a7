import { createHmac, randomBytes, scrypt } from "node:crypto";

/** scrypt's work factor. It makes guessing passwords from a table of these digests slow. */
const COST = 2 ** 14;
/** At most so many are made at a time: each takes 16 MiB of memory and one of the few threads for files and names. */
const AT_ONCE = 2;
/** At most so many are remembered, because workers need those of the same secrets again and again. */
const REMEMBERED = 20_000;

let running = 0;
const waiting: (() => void)[] = [];
/** The digests that were made, by an HMAC of what they were made of under a key of this process. */
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
