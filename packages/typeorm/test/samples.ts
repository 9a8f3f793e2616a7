import { createHash, randomBytes } from "node:crypto";
import type { Content, KnownEntry, LedgerEntry, MessageStore, NewMessage } from "@mailonce/core";

const FIRST_SEEN = new Date("2026-03-01T12:34:56.789Z");

/** The entries that a store gives in blocks. */
export async function knownEntries(store: MessageStore, maildropId: number): Promise<readonly KnownEntry[]> {
  const known: KnownEntry[] = [];
  for await (const block of store.knownEntries(maildropId)) known.push(...block);
  return known;
}

/** A content in memory. */
export function contentOf(bytes: Uint8Array): Content {
  return {
    octets: bytes.length,
    bytes,
    read: async function* () {
      yield bytes;
    },
    discard: async () => {},
  };
}

/** A content that must be read, in parts of odd lengths that share one piece of memory. */
export function streamedContent(octets: number, fill: (part: Uint8Array, offset: number) => void): Content {
  return {
    octets,
    bytes: null,
    read: async function* () {
      const memory = new Uint8Array(100_003);
      for (let offset = 0; offset < octets; offset += memory.length) {
        const part = memory.subarray(0, Math.min(memory.length, octets - offset));
        fill(part, offset);
        yield part;
      }
    },
    discard: async () => {},
  };
}

let counter = 0;

/** UUIDv7-like: later ones sort later. */
export function nextId(): string {
  counter += 1;
  const hex = (0x0190_0000_0000 + counter).toString(16).padStart(12, "0");
  const tail = randomBytes(8).toString("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8)}-7${tail.slice(0, 3)}-8${tail.slice(3, 6)}-${tail.slice(4)}`;
}

export function sha256(octets: Uint8Array | string): Uint8Array {
  return new Uint8Array(createHash("sha256").update(octets).digest());
}

/** A message about to be stored, in plain words where nothing else is said. */
export function message(change: Partial<NewMessage> = {}): NewMessage {
  const content = change.content ?? contentOf(new TextEncoder().encode(`Subject: x\r\n\r\n${counter}\r\n`));
  const id = change.id ?? nextId();
  return {
    id,
    sha256: sha256(id),
    digest: sha256(id),
    copy: 0,
    octets: content.octets,
    messageIdHeader: "<a@example.org>",
    subject: "Grüße 🎈",
    from: "a@example.org",
    to: "b@example.org",
    date: new Date("2026-02-28T23:59:59.123Z"),
    dateKind: "stated",
    attachments: false,
    decoder: 1,
    storedAt: FIRST_SEEN,
    content,
    ...change,
  };
}

/** A ledger entry of an identity, deferred where nothing else is said. */
export function entry(identity: Uint8Array | string, change: Partial<LedgerEntry> = {}): LedgerEntry {
  return {
    identity: octets(identity),
    classUniqueId: null,
    disposition: change.messageId ? "stored" : "baseline",
    messageId: null,
    octets: 1234,
    headerDigest: null,
    coreOctets: null,
    strong: false,
    bound: false,
    occurrences: 1,
    criteriaDigest: null,
    attempts: 0,
    reason: null,
    due: null,
    firstSeen: FIRST_SEEN,
    ...change,
  };
}

/** The octets of a text in ISO 8859-1. */
export function octets(text: Uint8Array | string): Uint8Array {
  return typeof text === "string" ? new Uint8Array(Buffer.from(text, "latin1")) : text;
}

export async function collect<T>(source: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of source) all.push(item);
  return all;
}
