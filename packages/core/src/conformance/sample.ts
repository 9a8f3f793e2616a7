import { createHash } from "node:crypto";
import { v7 as uuidv7 } from "uuid";
import { latin1 } from "../message/octets.ts";
import type { Guard, Ledger, NewMessage } from "../ports/ledger.ts";
import type { KnownEntry, LedgerEntry } from "../ports/ledger-entry.ts";
import { MemoryContent } from "../ports/memory-content.ts";
import type { Messages } from "../ports/messages.ts";
import type { Content } from "../ports/spool.ts";

export const GUARD: Guard = { generation: 0, leaseToken: null };

/** The octets of a text in ISO 8859-1, one for each character. */
export function octets(text: string): Uint8Array {
  return Buffer.from(text, "latin1");
}

export function sha256(content: Uint8Array | string): Uint8Array {
  return createHash("sha256").update(content).digest();
}

/** A ledger entry with a value in every column; `change` replaces some of them. */
export function entry(identity: Uint8Array | string, change: Partial<LedgerEntry> = {}): LedgerEntry {
  return {
    identity: typeof identity === "string" ? octets(identity) : identity,
    classUniqueId: null,
    disposition: "baseline",
    messageId: null,
    octets: 1234,
    headerDigest: sha256("header"),
    coreOctets: 1200,
    strong: true,
    bound: false,
    occurrences: 1,
    criteriaDigest: null,
    attempts: 0,
    reason: null,
    due: null,
    firstSeen: new Date("2026-11-02T10:00:00.123Z"),
    ...change,
  };
}

export function message(
  content: Uint8Array | string | Content,
  change: Partial<NewMessage> = {},
): NewMessage {
  const held =
    typeof content === "string" || content instanceof Uint8Array
      ? new MemoryContent(typeof content === "string" ? octets(content) : content)
      : content;
  const digest = sha256(held.bytes ?? "streamed");
  return {
    id: uuidv7(),
    digest,
    copy: 0,
    sha256: digest,
    octets: held.octets,
    messageIdHeader: "<1@example.org>",
    subject: "Grüße",
    from: "Ann <ann@example.org>",
    to: "Ben <ben@example.org>",
    date: new Date("2026-11-02T10:00:00Z"),
    dateKind: "stated",
    attachments: false,
    decoder: 1,
    storedAt: new Date("2026-11-22T01:02:03.456Z"),
    content: held,
    ...change,
  };
}

export async function contentOf(store: Messages, id: string): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of store.content(id)) chunks.push(Uint8Array.from(chunk));
  return Buffer.concat(chunks);
}

/** Pseudorandom octets that do not repeat soon; the same in each call. */
export function noise(length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let state = 0x2545f491;
  for (let at = 0; at < length; at++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    bytes[at] = state;
  }
  return bytes;
}

/** All items of an async iterable. */
export async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
}

export async function knownEntries(ledger: Ledger, maildropId: number): Promise<readonly KnownEntry[]> {
  const known: KnownEntry[] = [];
  for await (const block of ledger.knownEntries(maildropId)) known.push(...block);
  return known;
}

/** A copy of the value in plain data, so that Buffers and Uint8Arrays with the same octets are equal. */
export function plain(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value, (_key, one: unknown) => {
      if (typeof one === "object" && one !== null && "type" in one && "data" in one && one.type === "Buffer")
        return Buffer.from(one.data as number[]).toString("hex");
      return one instanceof Uint8Array ? Buffer.from(one).toString("hex") : one;
    }),
  );
}

export function sorted<T extends { readonly identity: Uint8Array }>(rows: readonly T[]): T[] {
  return [...rows].sort((a, b) => (latin1(a.identity) < latin1(b.identity) ? -1 : 1));
}
