import { createHash, type Hash } from "node:crypto";
import { emptyLineEnd, headerEnd, isFolding } from "./header.ts";
import { sha256 } from "./sha256.ts";

/** What lies beyond this many octets of a header block is treated as body, in TOP and RETR alike. */
export const MAX_HEADER_OCTETS = 1024 * 1024;

const LF = 0x0a;
const COLON = 0x3a;

/** Fields that servers and mail readers write into stored messages, so that one message differs from day to day. */
const VOLATILE = new Set([
  "status",
  "x-status",
  "x-uid",
  "x-uidl",
  "x-imap",
  "x-imapbase",
  "x-keywords",
  "content-length",
]);
const VOLATILE_PREFIX = "x-mozilla-";
/** No volatile name is longer, so longer names need not be looked at. */
const LONGEST_NAME = 64;

/** What a header block says about which message this is, the same by TOP and by RETR. */
export interface HeaderEvidence {
  /** SHA-256 of the header block, up to and with the first empty line, without volatile fields. */
  readonly headerDigest: Uint8Array;
  /** Octets of the volatile fields that were left out. */
  readonly volatileOctets: number;
  /** True if there is a Received field: such a header belongs to one delivery. */
  readonly strong: boolean;
}

/** A whole message's digests. */
export interface MessageDigests extends HeaderEvidence {
  /** SHA-256 of the octets as they arrived. */
  readonly sha256: Uint8Array;
  /** SHA-256 of the message without volatile fields. */
  readonly digest: Uint8Array;
  readonly octets: number;
  /** The header block, at most {@link MAX_HEADER_OCTETS}. */
  readonly header: Uint8Array;
}

/** The evidence in the octets of a header block (what TOP n 0 gives). */
export function headerEvidence(octets: Uint8Array): HeaderEvidence {
  return canonicalHeader(headerBlock(octets)).evidence;
}

/**
 * The digests of a message that is in memory; its `header` is a part of the same memory. Hashing it without volatile
 * fields costs nothing where there are none: both digests are then the same.
 */
export function digestMessage(message: Uint8Array): MessageDigests {
  const header = headerBlock(message);
  const { kept, evidence } = canonicalHeader(header);
  const whole = sha256(message);
  const digest = evidence.volatileOctets === 0 ? whole : sha256(...kept, message.subarray(header.length));
  return { ...evidence, sha256: whole, digest, octets: message.length, header };
}

function headerBlock(octets: Uint8Array): Uint8Array {
  return octets.subarray(0, Math.min(headerEnd(octets), MAX_HEADER_OCTETS));
}

/** The header block without volatile fields, and what it says. */
function canonicalHeader(block: Uint8Array): { kept: readonly Uint8Array[]; evidence: HeaderEvidence } {
  const kept: Uint8Array[] = [];
  let keptFrom = 0;
  let volatileOctets = 0;
  let strong = false;
  let start = 0;
  while (start < block.length) {
    let next = nextLine(block, start);
    const name = fieldName(block, start, next);
    if (name === "received") strong = true;
    else if (VOLATILE.has(name) || name.startsWith(VOLATILE_PREFIX)) {
      while (next < block.length && isFolding(block[next])) next = nextLine(block, next);
      if (start > keptFrom) kept.push(block.subarray(keptFrom, start));
      volatileOctets += next - start;
      keptFrom = next;
    }
    start = next;
  }
  if (block.length > keptFrom) kept.push(block.subarray(keptFrom));
  return { kept, evidence: { headerDigest: sha256(...kept), volatileOctets, strong } };
}

function nextLine(block: Uint8Array, start: number): number {
  const lf = block.indexOf(LF, start);
  return lf < 0 ? block.length : lf + 1;
}

/** The field name of the line in lower case, empty if the line is no field or its name is too long to matter. */
function fieldName(block: Uint8Array, start: number, end: number): string {
  const limit = Math.min(end, start + LONGEST_NAME);
  let name = "";
  for (let at = start; at < limit; at++) {
    const octet = block[at];
    if (octet === undefined || octet === COLON) return octet === COLON ? name.trimEnd() : "";
    name += String.fromCharCode(octet >= 0x41 && octet <= 0x5a ? octet + 0x20 : octet);
    // Only names that can still become one of ours are read on; this is the hot path of every fetch.
    if (name.length === 1 && !"srxc".includes(name)) return "";
  }
  return "";
}

/** {@link digestMessage} for a message that is not held in memory: as its octets arrive, bounded by the header block. */
export class MessageDigester {
  readonly #raw: Hash = createHash("sha256");
  #core: Hash | null = null;
  /** The header block as far as it has arrived; complete once evidence is there. */
  #header: Uint8Array = new Uint8Array(0);
  #headerOctets = 0;
  #evidence: HeaderEvidence | null = null;
  #octets = 0;

  update(chunk: Uint8Array): void {
    this.#octets += chunk.length;
    this.#raw.update(chunk);
    if (this.#evidence === null) this.#collectHeader(chunk);
    else this.#core?.update(chunk);
  }

  /** All octets are in. Call once. */
  finish(): MessageDigests {
    if (this.#evidence === null) this.#endHeader(this.#headerOctets);
    const sha256 = this.#raw.digest();
    const evidence = this.#evidence ?? headerEvidence(new Uint8Array(0));
    return {
      ...evidence,
      sha256,
      digest: this.#core === null ? sha256 : this.#core.digest(),
      octets: this.#octets,
      header: this.#header,
    };
  }

  #collectHeader(chunk: Uint8Array): void {
    this.#append(chunk);
    const searchFrom = lastLineStart(this.#header, this.#headerOctets - chunk.length);
    const found = emptyLineEnd(this.#header.subarray(searchFrom, this.#headerOctets));
    const end = found < 0 ? this.#headerOctets : searchFrom + found;
    if (found >= 0 || end >= MAX_HEADER_OCTETS) this.#endHeader(Math.min(end, MAX_HEADER_OCTETS));
  }

  #append(chunk: Uint8Array): void {
    const needed = this.#headerOctets + chunk.length;
    if (needed > this.#header.length) {
      const grown = new Uint8Array(Math.max(needed, 2 * this.#header.length, 8192));
      grown.set(this.#header.subarray(0, this.#headerOctets));
      this.#header = grown;
    }
    this.#header.set(chunk, this.#headerOctets);
    this.#headerOctets = needed;
  }

  #endHeader(end: number): void {
    const rest = this.#header.subarray(end, this.#headerOctets);
    // A copy (Buffer's slice is none): the chunk it came in may be large, and the header outlives it.
    this.#header = new Uint8Array(this.#header.subarray(0, end));
    const { kept, evidence } = canonicalHeader(this.#header);
    this.#evidence = evidence;
    if (evidence.volatileOctets > 0) {
      this.#core = createHash("sha256");
      for (const part of kept) this.#core.update(part);
      this.#core.update(rest);
    }
  }
}

function lastLineStart(octets: Uint8Array, before: number): number {
  return before === 0 ? 0 : octets.lastIndexOf(LF, before - 1) + 1;
}
