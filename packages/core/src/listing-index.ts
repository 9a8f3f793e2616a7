import { MAX_IDENTITY_OCTETS, uniqueIdKey } from "./identity.ts";
import type { Listing } from "./listing.ts";
import { latin1 } from "./octets.ts";

const LF = 0x0a;

/**
 * Finds listing entries by unique-id. An open-addressing table of indexes; every match is verified octet by octet,
 * because the server chooses the ids.
 */
export class ListingIndex {
  readonly #listing: Listing;
  /** For each slot the entry's index, -1 if it is free, and the hash of its unique-id. */
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
    this.#table = new Int32Array(2 * size).fill(-1);
    this.#shared = new Uint8Array(listing.length);
    for (let index = 0; index < listing.length; index++) this.#insert(index);
  }

  /** True if the entry has a unique-id that no other entry of the listing has. */
  isAlone(index: number): boolean {
    return this.#shared[index] === 0 && this.#listing.hasUniqueId(index);
  }

  /** The first entry whose unique-id has this key, or -1. */
  find(identity: Uint8Array): number {
    if (identity[0] === LF) return this.#long.get(latin1(identity)) ?? -1;
    return this.#table[this.#slotOf(identity, 0, identity.length)] ?? -1;
  }

  #insert(index: number): void {
    const listing = this.#listing;
    const start = listing.idStart(index);
    const end = listing.idEnd(index);
    if (end === start) return;
    if (end - start > MAX_IDENTITY_OCTETS) {
      const key = latin1(uniqueIdKey(listing.ids.subarray(start, end)));
      this.#mark(this.#long.get(key), index);
      if (!this.#long.has(key)) this.#long.set(key, index);
      return;
    }
    const text = listing.ids;
    const slot = this.#slotOf(text, start, end);
    const other = this.#table[slot] ?? -1;
    if (other >= 0) this.#mark(other, index);
    else {
      this.#table[slot] = index;
      this.#table[slot + 1] = this.#hash(text, start, end);
    }
  }

  #mark(other: number | undefined, index: number): void {
    if (other === undefined) return;
    this.#shared[other] = 1;
    this.#shared[index] = 1;
  }

  /** Where in the table the unique-id at these octets stands, or would stand. */
  #slotOf(text: Uint8Array, start: number, end: number): number {
    const hash = this.#hash(text, start, end);
    for (let place = hash & this.#mask; ; place = (place + 1) & this.#mask) {
      const index = this.#table[2 * place] ?? -1;
      if (index < 0) return 2 * place;
      if (this.#table[2 * place + 1] === hash && this.#isId(index, text, start, end)) return 2 * place;
    }
  }

  #isId(index: number, text: Uint8Array, start: number, end: number): boolean {
    const own = this.#listing.ids;
    const from = this.#listing.idStart(index);
    if (this.#listing.idEnd(index) - from !== end - start) return false;
    for (let at = start; at < end; at++) if (own[from + at - start] !== text[at]) return false;
    return true;
  }

  #hash(text: Uint8Array, start: number, end: number): number {
    let hash = this.#seed;
    for (let at = start; at < end; at++) {
      hash = Math.imul(hash ^ (text[at] ?? 0), 0x5bd1e995);
      hash ^= hash >>> 15;
    }
    return hash;
  }
}
