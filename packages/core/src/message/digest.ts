import { createHash, type Hash } from "node:crypto";
import { emptyLineEnd, headerEnd, nextField, nextLine } from "./header-fields.ts";
import { latin1 } from "./octets.ts";
import { sha256 } from "./sha256.ts";

/** The longest header block in octets. What follows in a longer one counts as body, by TOP and by RETR alike. */
export const MAX_HEADER_OCTETS = 1024 * 1024;

const LF = 0x0a;

/**
 * The name and the colon of a Received field, or of a volatile field (rule 1): one that servers and mail readers write
 * into stored messages, so that the octets of one message change from day to day.
 */
const TELLING_FIELD =
  /(?:(received)|status|x-status|x-uid|x-uidl|x-imap|x-imapbase|x-keywords|content-length)[\t\v\f\r \xa0]*:|x-mozilla-[^:\n]{0,53}:/iy;
/** 1 for each octet with which one of these fields begins: by it most lines are passed over quickly. */
const TELLING_INITIALS = new Uint8Array(256);
for (const initial of Buffer.from("rscxRSCX")) TELLING_INITIALS[initial] = 1;

/** What identifies a message in its header block; the same by TOP and by RETR. */
export interface HeaderEvidence {
  /** SHA-256 of the header block, up to and with the first empty line, without volatile fields. */
  readonly headerDigest: Uint8Array;
  /** Octets of the volatile fields that were left out. */
  readonly volatileOctets: number;
  /** True if there is a Received field: such a header belongs to one delivery only. */
  readonly strong: boolean;
}

/** The digests of a whole message, and its header block. */
export interface MessageDigests extends HeaderEvidence {
  /** SHA-256 of the octets as they arrived. */
  readonly sha256: Uint8Array;
  /** SHA-256 of the message without volatile fields. */
  readonly digest: Uint8Array;
  /** Number of octets as they arrived. */
  readonly octets: number;
  /** The header block, at most {@link MAX_HEADER_OCTETS} long. */
  readonly header: Uint8Array;
}

/** The evidence of a header block, such as `TOP n 0` gives; octets after its empty line do not count. */
export function headerEvidence(octets: Uint8Array): HeaderEvidence {
  return blockEvidence(headerBlock(octets));
}

/** The same of what {@link headerBlock} has given. */
export function blockEvidence(block: Uint8Array): HeaderEvidence {
  return canonicalHeader(block).evidence;
}

/**
 * The digests of a message that is in memory; `header` is a view of the same memory. A message without volatile fields is
 * hashed only once, as both digests are the same.
 */
export function digestMessage(message: Uint8Array): MessageDigests {
  const header = headerBlock(message);
  const { kept, evidence } = canonicalHeader(header);
  const whole = sha256(message);
  const digest = evidence.volatileOctets === 0 ? whole : sha256(...kept, message.subarray(header.length));
  return { ...evidence, sha256: whole, digest, octets: message.length, header };
}

/** The header block with which these octets begin: to and with the first empty line, at most {@link MAX_HEADER_OCTETS}. */
export function headerBlock(octets: Uint8Array): Uint8Array {
  return octets.subarray(0, Math.min(headerEnd(octets), MAX_HEADER_OCTETS));
}

/** The parts of the header block between volatile fields, and its evidence. */
function canonicalHeader(block: Uint8Array): { kept: readonly Uint8Array[]; evidence: HeaderEvidence } {
  const text = latin1(block);
  const kept: Uint8Array[] = [];
  let keptFrom = 0;
  let volatileOctets = 0;
  let strong = false;
  for (let start = 0; start < text.length; ) {
    TELLING_FIELD.lastIndex = start;
    const field = TELLING_INITIALS[text.charCodeAt(start)] === 1 ? TELLING_FIELD.exec(text) : null;
    if (field === null || field[1] !== undefined) {
      strong ||= field !== null;
      start = nextLine(text, start);
      continue;
    }
    const end = nextField(text, start);
    if (start > keptFrom) kept.push(block.subarray(keptFrom, start));
    volatileOctets += end - start;
    keptFrom = end;
    start = end;
  }
  if (block.length > keptFrom) kept.push(block.subarray(keptFrom));
  return { kept, evidence: { headerDigest: sha256(...kept), volatileOctets, strong } };
}

/** Does the same as {@link digestMessage} while the octets arrive, and keeps only the header block in memory. */
export class MessageDigester {
  readonly #raw: Hash = createHash("sha256");
  #core: Hash | null = null;
  /** The header block as far as it has arrived; it is complete once `#evidence` is set. */
  #header: Uint8Array = new Uint8Array(0);
  #headerOctets = 0;
  #evidence: HeaderEvidence | null = null;
  #octets = 0;

  /** Takes the next octets of the message. */
  update(chunk: Uint8Array): void {
    this.#octets += chunk.length;
    this.#raw.update(chunk);
    if (this.#evidence === null) this.#collectHeader(chunk);
    else this.#core?.update(chunk);
  }

  /** Gives the digests after the last octets. May be called once. */
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
    // A copy, which Buffer's `slice` would not make: the header is kept longer than the chunk, which may be large.
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
