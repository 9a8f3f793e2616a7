import type { Disposition, KnownEntry } from "./ledger-entry.ts";

const DISPOSITIONS = [
  "stored",
  "skipped",
  "baseline",
  "deferred",
  "waiting",
] as const satisfies Disposition[];
/** Octets of a message's UUID. */
const KEY_OCTETS = 16;
const IDENTITY_OCTETS = 32;

/** The fields that are empty in most entries; only the entries where they are not take memory for them. */
type Rest = Pick<KnownEntry, "criteriaDigest" | "attempts" | "due">;

const NO_REST: Rest = { criteriaDigest: null, attempts: 0, due: null };

/** A stored entry as a store has it in larger buffers, so that it need not cut out two arrays for each entry. */
export interface StoredEntry {
  /** A buffer whose first `identityOctets` octets are the identity. */
  readonly identity: Uint8Array;
  readonly identityOctets: number;
  /** A buffer in which the 16 octets of the message's UUID begin at index `messageKey`. */
  readonly messageKeys: Uint8Array;
  readonly messageKey: number;
  readonly octets: number;
  readonly bound: boolean;
}

/**
 * Some of the ledger's entries in columns, because to make a million objects takes longer than to look them up. A store
 * makes a block and adds entries to it; the receiver iterates over it, or reads the columns by an entry's index.
 */
export class KnownBlock implements Iterable<KnownEntry> {
  /** Number of entries. */
  length = 0;
  /** The identities, one after another; that of entry n ends before octet `identityEnds[n]`. */
  identities: Uint8Array;
  readonly identityEnds: Uint32Array;
  /** The listed octets of each entry, -1 for null. */
  readonly octets: Float64Array;
  readonly #messageKeys: Uint8Array;
  readonly #keyView: DataView;
  /** 1 for each entry that names a message. */
  readonly #named: Uint8Array;
  readonly #dispositions: Uint8Array;
  readonly #bound: Uint8Array;
  readonly #rest = new Map<number, Rest>();

  /** @param capacity the most entries that will be added */
  constructor(capacity: number) {
    this.identities = new Uint8Array(IDENTITY_OCTETS * capacity);
    this.identityEnds = new Uint32Array(capacity);
    this.octets = new Float64Array(capacity);
    this.#messageKeys = new Uint8Array(KEY_OCTETS * capacity);
    this.#keyView = new DataView(this.#messageKeys.buffer);
    this.#named = new Uint8Array(capacity);
    this.#dispositions = new Uint8Array(capacity);
    this.#bound = new Uint8Array(capacity);
  }

  /** Adds an entry. Its arrays are copied, so the caller may use their memory again. */
  add(entry: KnownEntry): void {
    const { identity, messageKey, disposition, octets, bound, criteriaDigest, attempts, due } = entry;
    if (criteriaDigest !== null || attempts !== 0 || due !== null)
      this.#rest.set(this.length, {
        criteriaDigest: criteriaDigest?.slice() ?? null,
        attempts,
        due,
      });
    this.#dispositions[this.length] = DISPOSITIONS.indexOf(disposition);
    this.#add(identity, identity.length, octets ?? -1, bound);
    if (messageKey !== null) this.#name(messageKey, 0);
    this.length++;
  }

  /** Adds an entry with the disposition `stored` and no failed attempts. Its octets are copied. */
  addStored(entry: StoredEntry): void {
    this.#add(entry.identity, entry.identityOctets, entry.octets, entry.bound);
    this.#name(entry.messageKeys, entry.messageKey);
    this.length++;
  }

  /** Where the identity of the entry begins in `identities`. */
  identityStart(at: number): number {
    return at === 0 ? 0 : (this.identityEnds[at - 1] ?? 0);
  }

  identity(at: number): Uint8Array {
    return this.identities.subarray(this.identityStart(at), this.identityEnds[at]);
  }

  disposition(at: number): Disposition {
    return DISPOSITIONS[this.#dispositions[at] ?? 0] ?? "deferred";
  }

  isBound(at: number): boolean {
    return this.#bound[at] === 1;
  }

  /** The fields that only entries have which were rejected by criteria or have failed. */
  rest(at: number): Rest {
    return this.#rest.get(at) ?? NO_REST;
  }

  /** The last 52 bits of the message's UUID as a number (they are random in a UUIDv7); -1 if it names no message. */
  messageBits(at: number): number {
    if (this.#named[at] !== 1) return -1;
    const from = KEY_OCTETS * at;
    const high = this.#keyView.getUint32(from + 8) & 0xf_ffff;
    return high * 0x1_0000_0000 + this.#keyView.getUint32(from + 12);
  }

  *[Symbol.iterator](): Generator<KnownEntry> {
    for (let at = 0; at < this.length; at++) {
      const octets = this.octets[at] ?? -1;
      const key = this.#messageKeys.subarray(KEY_OCTETS * at, KEY_OCTETS * (at + 1));
      yield {
        identity: this.identity(at),
        disposition: this.disposition(at),
        messageKey: this.#named[at] === 1 ? key : null,
        octets: octets < 0 ? null : octets,
        bound: this.isBound(at),
        ...this.rest(at),
      };
    }
  }

  #add(identity: Uint8Array, identityOctets: number, octets: number, bound: boolean): void {
    const { length } = this;
    const to = this.identityStart(length);
    if (to + identityOctets > this.identities.length) this.#grow(identityOctets);
    const { identities } = this;
    for (let at = 0; at < identityOctets; at++) identities[to + at] = identity[at] ?? 0;
    this.identityEnds[length] = to + identityOctets;
    this.octets[length] = octets;
    if (bound) this.#bound[length] = 1;
  }

  #name(source: Uint8Array, start: number): void {
    this.#named[this.length] = 1;
    const to = KEY_OCTETS * this.length;
    for (let at = 0; at < KEY_OCTETS; at++) this.#messageKeys[to + at] = source[start + at] ?? 0;
  }

  #grow(octets: number): void {
    const grown = new Uint8Array(2 * this.identities.length + octets);
    grown.set(this.identities);
    this.identities = grown;
  }
}
