import { MAX_IDENTITY_OCTETS, uniqueIdKey } from "../message/identity.ts";
import { latin1 } from "../message/octets.ts";
import type { Listing } from "./listing.ts";

const LF = 0x0a;

/**
 * Finds listing entries by unique-id, in a hash table with open addressing. Every match is verified octet by octet,
 * because the server chooses the unique-ids.
 */
export class UniqueIds {
  readonly listing: Listing;
  /** For each slot an entry's index + 1 in the bits of `#mask`, and its hash in the bits above; 0 if the slot is free. */
  readonly #table: Int32Array;
  readonly #mask: number;
  /**
   * Random, because a server that knew how its unique-ids are hashed could make a million with one hash. There are two
   * factors, because one would not do: a change of the top bit changes the product by any factor in the same way, so that
   * a server could undo it with its next octets.
   */
  readonly #secrets = randomSecrets();
  /** The first entry of each unique-id that is longer than its key, by the key. */
  readonly #long = new Map<string, number>();
  /** 1 where the unique-id stands more than once in the listing. */
  readonly #shared: Uint8Array;
  #hashes = new Int32Array(0);

  constructor(listing: Listing) {
    this.listing = listing;
    let size = 16;
    while (size < 2 * listing.length) size *= 2;
    this.#mask = size - 1;
    this.#table = new Int32Array(size);
    this.#shared = new Uint8Array(listing.length);
    for (let index = 0; index < listing.length; index++) this.#insert(index);
  }

  /** True if the entry has a unique-id that no other entry of the listing has. */
  isAlone(index: number): boolean {
    return this.#shared[index] === 0 && this.listing.hasUniqueId(index);
  }

  /** The index of the first entry whose unique-id has this key, or -1. */
  find(identity: Uint8Array): number {
    if (identity[0] === LF) return this.#long.get(latin1(identity)) ?? -1;
    const hash = this.#hash(identity, 0, identity.length);
    return this.#indexAt(this.#slotOf(hash, identity, 0, identity.length));
  }

  /**
   * Does {@link find} for `count` keys and writes the results into `found`. The keys stand one after another in `keys`;
   * key n ends at `ends[n]`. Each step is done for all keys before the next step: of a million unique-ids hardly one is
   * in the processor's cache, and this way the processor waits for many of them at the same time.
   */
  findAll(keys: Uint8Array, ends: Uint32Array, count: number, found: Int32Array): void {
    const table = this.#table;
    const mask = this.#mask;
    const listing = this.listing;
    const { ids } = listing;
    if (this.#hashes.length < count) this.#hashes = new Int32Array(count);
    const hashes = this.#hashes;
    for (let n = 0, start = 0; n < count; n++) {
      const end = ends[n] ?? 0;
      hashes[n] = this.#hash(keys, start, end);
      start = end;
    }
    for (let n = 0; n < count; n++) found[n] = table[(hashes[n] ?? 0) & mask] ?? 0;
    for (let n = 0; n < count; n++) {
      const hash = hashes[n] ?? 0;
      let slot = hash & mask;
      let entry = found[n] ?? 0;
      while (entry !== 0 && !this.#mayBe(entry, hash)) {
        slot = (slot + 1) & mask;
        entry = table[slot] ?? 0;
      }
      found[n] = this.#indexOf(entry);
    }
    // From here on `hashes` holds where the unique-id of the found entry begins, -1 if it cannot be the key.
    for (let n = 0, start = 0; n < count; n++) {
      const at = found[n] ?? -1;
      const end = ends[n] ?? 0;
      hashes[n] = -1;
      if (at >= 0) {
        const idStart = listing.idStart(at);
        const isSimilar = listing.idEnd(at) - idStart === end - start && ids[idStart] === keys[start];
        if (isSimilar) hashes[n] = idStart;
      }
      start = end;
    }
    for (let n = 0, start = 0; n < count; n++) {
      const end = ends[n] ?? 0;
      const idStart = hashes[n] ?? -1;
      const isFound = idStart >= 0 && isEqual(ids, idStart, keys, start, end);
      // Another unique-id with a similar hash was met, or the key is that of a long unique-id: `find` tells them apart.
      if (!isFound && ((found[n] ?? -1) >= 0 || keys[start] === LF))
        found[n] = this.find(keys.subarray(start, end));
      start = end;
    }
  }

  #insert(index: number): void {
    const listing = this.listing;
    const start = listing.idStart(index);
    const end = listing.idEnd(index);
    if (end === start) return;
    if (end - start > MAX_IDENTITY_OCTETS) {
      const key = latin1(uniqueIdKey(listing.ids.subarray(start, end)));
      this.#share(this.#long.get(key) ?? -1, index);
      if (!this.#long.has(key)) this.#long.set(key, index);
      return;
    }
    const hash = this.#hash(listing.ids, start, end);
    const slot = this.#slotOf(hash, listing.ids, start, end);
    if (this.#table[slot] === 0) this.#table[slot] = (hash & ~this.#mask) | (index + 1);
    else this.#share(this.#indexAt(slot), index);
  }

  #share(other: number, index: number): void {
    if (other < 0) return;
    this.#shared[other] = 1;
    this.#shared[index] = 1;
  }

  /** The slot in which the unique-id stands that `text` has from `start` to `end`, or the free slot where it belongs. */
  #slotOf(hash: number, text: Uint8Array, start: number, end: number): number {
    for (let slot = hash & this.#mask; ; slot = (slot + 1) & this.#mask) {
      const entry = this.#table[slot] ?? 0;
      if (entry === 0 || (this.#mayBe(entry, hash) && this.#isId(this.#indexOf(entry), text, start, end)))
        return slot;
    }
  }

  #indexAt(slot: number): number {
    return this.#indexOf(this.#table[slot] ?? 0);
  }

  #indexOf(entry: number): number {
    return (entry & this.#mask) - 1;
  }

  #mayBe(entry: number, hash: number): boolean {
    return ((entry ^ hash) & ~this.#mask) === 0;
  }

  #isId(index: number, text: Uint8Array, start: number, end: number): boolean {
    const from = this.listing.idStart(index);
    if (this.listing.idEnd(index) - from !== end - start) return false;
    return isEqual(this.listing.ids, from, text, start, end);
  }

  #hash(text: Uint8Array, start: number, end: number): number {
    const { seed, first, second } = this.#secrets;
    let hash = seed;
    let at = start;
    for (; at + 4 <= end; at += 4) {
      const low = (text[at] ?? 0) | ((text[at + 1] ?? 0) << 8);
      hash = mixed(hash ^ (low | ((text[at + 2] ?? 0) << 16) | ((text[at + 3] ?? 0) << 24)), first, second);
    }
    for (; at < end; at++) hash = mixed(hash ^ (text[at] ?? 0), first, second);
    return hash ^ (hash >>> 15);
  }
}

function mixed(word: number, first: number, second: number): number {
  const product = Math.imul(word, first);
  return Math.imul(product ^ (product >>> 15), second);
}

function randomSecrets(): { readonly seed: number; readonly first: number; readonly second: number } {
  const [seed = 0, first = 0, second = 0] = crypto.getRandomValues(new Int32Array(3));
  // Only a product by an odd number loses no bits.
  return { seed, first: first | 1, second: second | 1 };
}

/** True if `octets` has at `from` the same octets as `text` from `start` to `end`. */
function isEqual(octets: Uint8Array, from: number, text: Uint8Array, start: number, end: number): boolean {
  for (let at = start; at < end; at++) if (octets[from + at - start] !== text[at]) return false;
  return true;
}
