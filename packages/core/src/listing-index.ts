import { MAX_IDENTITY_OCTETS, uniqueIdKey } from "./identity.ts";
import type { Listing } from "./listing.ts";
import { equalOctets, latin1 } from "./octets.ts";

const LF = 0x0a;

/**
 * Finds listing entries by unique-id. An open-addressing table of indexes; every match is verified octet by octet,
 * because the server chooses the ids.
 */
export class ListingIndex {
  readonly #listing: Listing;
  readonly #table: Int32Array;
  readonly #mask: number;
  readonly #seed = (Math.random() * 0x1_0000_0000) | 0;
  readonly #long = new Map<string, number>();
  /** 1 where the unique-id stands more than once in the listing. */
  readonly #shared: Uint8Array;

  constructor(listing: Listing) {
    this.#listing = listing;
    let size = 16;
    while (size < 2 * listing.length) size *= 2;
    this.#mask = size - 1;
    this.#table = new Int32Array(size).fill(-1);
    this.#shared = new Uint8Array(listing.length);
    for (let index = 0; index < listing.length; index++) this.#insert(index);
  }

  /** True if the entry has a unique-id that no other entry of the listing has. */
  isAlone(index: number): boolean {
    return this.#shared[index] === 0 && this.#listing.uniqueId(index) !== null;
  }

  /** The first entry whose unique-id has this key, or -1. */
  find(identity: Uint8Array): number {
    if (identity[0] === LF) return this.#long.get(latin1(identity)) ?? -1;
    for (let slot = this.#hash(identity); ; slot = (slot + 1) & this.#mask) {
      const index = this.#table[slot] ?? -1;
      if (index < 0) return -1;
      const id = this.#listing.uniqueId(index);
      if (id !== null && equalOctets(id, identity)) return index;
    }
  }

  #insert(index: number): void {
    const id = this.#listing.uniqueId(index);
    if (id === null) return;
    if (id.length > MAX_IDENTITY_OCTETS) {
      const key = latin1(uniqueIdKey(id));
      this.#mark(this.#long.get(key), index);
      if (!this.#long.has(key)) this.#long.set(key, index);
      return;
    }
    for (let slot = this.#hash(id); ; slot = (slot + 1) & this.#mask) {
      const other = this.#table[slot] ?? -1;
      if (other < 0) {
        this.#table[slot] = index;
        return;
      }
      const otherId = this.#listing.uniqueId(other);
      if (otherId !== null && equalOctets(otherId, id)) {
        this.#mark(other, index);
        return;
      }
    }
  }

  #mark(other: number | undefined, index: number): void {
    if (other === undefined) return;
    this.#shared[other] = 1;
    this.#shared[index] = 1;
  }

  #hash(octets: Uint8Array): number {
    let hash = this.#seed;
    for (let at = 0; at < octets.length; at++) {
      hash = Math.imul(hash ^ (octets[at] ?? 0), 0x5bd1e995);
      hash ^= hash >>> 15;
    }
    return hash & this.#mask;
  }
}
