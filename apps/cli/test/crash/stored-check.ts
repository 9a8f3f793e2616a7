import { createHash } from "node:crypto";
import { MailonceError } from "@mailonce/core";
import { openExistingDatabase } from "@mailonce/runtime";

/** How what is stored differs from what the server sends. */
export interface Difference {
  /** Messages stored more often than the maildrop holds them. */
  readonly duplicates: number;
  /** Messages that the maildrop holds and that are not stored. */
  readonly losses: number;
  /** Rows whose content is no message of the maildrop: a part of one, say. */
  readonly strangers: number;
  readonly stored: number;
}

/** One message as a server sends it that puts a line end behind a last line without one. */
export function asSent(bytes: Uint8Array): Uint8Array {
  const whole = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (whole.length === 0 || whole.subarray(-2).equals(Buffer.from("\r\n"))) return whole;
  return Buffer.concat([whole, Buffer.from("\r\n")]);
}

/**
 * Compares every octet of what is stored with what the server sends: as multisets of SHA-256.
 * @throws Error if the database contradicts itself: a content without its message, a digest that is not the content's
 */
export async function compareStored(url: string, served: Iterable<Uint8Array>): Promise<Difference> {
  const stored = await storedDigests(url);
  const expected = countOf(Array.from(served, (bytes) => digestOf(asSent(bytes))));
  const found = countOf(stored);
  let [duplicates, losses, strangers] = [0, 0, 0];
  for (const [digest, count] of found) {
    const wanted = expected.get(digest);
    if (wanted === undefined) strangers += count;
    else duplicates += Math.max(0, count - wanted);
  }
  for (const [digest, count] of expected) losses += Math.max(0, count - (found.get(digest) ?? 0));
  return { duplicates, losses, strangers, stored: stored.length };
}

/** Nothing twice and nothing in parts, whatever is still missing. */
export function isSound({ duplicates, strangers }: Difference): boolean {
  return duplicates === 0 && strangers === 0;
}

async function storedDigests(url: string): Promise<readonly string[]> {
  await using store = await openExistingDatabase(url, {}).catch(halfMigrated);
  if (store === null) return [];
  const digests: string[] = [];
  for await (const message of store.messages()) {
    const hash = createHash("sha256");
    let octets = 0;
    for await (const chunk of store.content(message.id)) {
      hash.update(chunk);
      octets += chunk.length;
    }
    const digest = hash.digest("hex");
    if (octets !== message.octets || digest !== Buffer.from(message.sha256).toString("hex"))
      throw new Error(
        `Message ${message.id} has ${octets} octets; its row says ${message.octets}, or another digest`,
      );
    digests.push(digest);
  }
  const count = async (sql: string): Promise<number> => {
    const [row]: Record<string, unknown>[] = await store.dataSource.query(sql);
    return Number(Object.values(row ?? {})[0]);
  };
  const rows = await count("SELECT COUNT(*) FROM mailonce_message");
  if (rows !== digests.length) throw new Error(`${rows} rows, but ${digests.length} messages can be read`);
  const orphans = await count(
    "SELECT COUNT(*) FROM mailonce_message_chunk WHERE message_id NOT IN (SELECT id FROM mailonce_message)",
  );
  if (orphans !== 0) throw new Error(`${orphans} chunks belong to no message`);
  return digests;
}

/** Struck between two migrations: nothing can be stored yet. */
function halfMigrated(error: unknown): null {
  if (error instanceof MailonceError && error.code === "store-outdated") return null;
  throw error;
}

function digestOf(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

function countOf(values: Iterable<string>): Map<string, number> {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return counts;
}
