import { isClassKey } from "./identity.ts";
import type { Listing } from "./listing.ts";
import { ListingIndex } from "./listing-index.ts";
import { sameCriteria } from "./mark.ts";
import type { KnownEntry } from "./ports/store.ts";

/** What a run decides by. */
export interface DetectOptions {
  readonly uniqueIdsTrusted: boolean;
  readonly criteriaDigest: Uint8Array | null;
  /** Deferred entries due at this moment or before are tried again. */
  readonly now: Date;
}

const UNKNOWN = 0;
const KNOWN = 1;
const CHANGED = 2;
const CLASSED = 3;
const TWIN = 4;
const RETRY = 5;
const WAITING = 6;

/** The entries of a listing by what the ledger says of them, as indexes in listing order. */
export interface Detection {
  /** Settled, and nothing speaks against it. */
  readonly known: number;
  /** No row, or one that asks for a new decision. */
  readonly unknown: readonly number[];
  /** Settled, but the listed octets are not those of the row. */
  readonly changed: readonly number[];
  /** Without a usable unique-id. */
  readonly classed: readonly number[];
  /** Settled by a row that names the same message as an earlier entry's row. */
  readonly twins: readonly number[];
  /** Among the known ones: marked as known by being bound to another entry that was. */
  readonly boundBaseline: readonly number[];
  /** Deferred, and due. */
  readonly retries: readonly number[];
  /** Deferred, not due yet. */
  readonly waiting: readonly number[];
  /** Listed octets of settled rows whose unique-id is not in the listing: only such mail can have been renumbered. */
  readonly absentOctets: ReadonlySet<number>;
  readonly index: ListingIndex;
  /** 1 for each entry that is known: the start of what the next mark may cover. */
  readonly settled: Uint8Array;
  /** The keys of the ledger's class rows. */
  readonly classKeys: readonly Uint8Array[];
}

/**
 * Tells known from new: the listing's unique-ids in a hash table, the ledger's rows streamed past it. Memory grows
 * with the listing, not with the ledger.
 */
export async function detect(
  listing: Listing,
  rows: AsyncIterable<readonly KnownEntry[]>,
  options: DetectOptions,
): Promise<Detection> {
  const detector = new Detector(listing, options);
  for await (const block of rows) for (const row of block) detector.see(row);
  return detector.finish();
}

class Detector {
  readonly #listing: Listing;
  readonly #options: DetectOptions;
  readonly #index: ListingIndex;
  readonly #standing: Uint8Array;
  readonly #messages: MessageTable;
  readonly #absentOctets = new Set<number>();
  readonly #classKeys: Uint8Array[] = [];
  readonly #boundBaseline: number[] = [];

  constructor(listing: Listing, options: DetectOptions) {
    this.#listing = listing;
    this.#options = options;
    this.#index = new ListingIndex(listing);
    this.#messages = new MessageTable(listing.length);
    this.#standing = new Uint8Array(listing.length);
    for (let at = 0; at < listing.length; at++)
      if (!options.uniqueIdsTrusted || !this.#index.isAlone(at)) this.#standing[at] = CLASSED;
  }

  see(row: KnownEntry): void {
    if (isClassKey(row.identity)) {
      this.#classKeys.push(row.identity);
      // Mail of a run without UIDL comes back under its unique-id: as good as renumbered.
      if (row.octets !== null && row.disposition !== "deferred") this.#absentOctets.add(row.octets);
      return;
    }
    const at = this.#index.find(row.identity);
    if (at < 0) {
      if (row.octets !== null && row.disposition !== "deferred") this.#absentOctets.add(row.octets);
      return;
    }
    if (this.#standing[at] !== CLASSED) this.#standing[at] = this.#judge(row, at);
  }

  #judge(row: KnownEntry, at: number): number {
    const sameOctets = row.octets === null || row.octets === this.#listing.octets(at);
    if (row.disposition === "deferred") {
      if (!sameOctets) return UNKNOWN;
      return row.due === null || row.due <= this.#options.now ? RETRY : WAITING;
    }
    if (row.disposition === "skipped" && !sameCriteria(row.criteriaDigest, this.#options.criteriaDigest)) {
      if (row.attempts === 0) return UNKNOWN;
      return row.due === null || row.due <= this.#options.now ? RETRY : WAITING;
    }
    // An entry with other octets may turn out to be another message: it claims nothing here (see selectChanged).
    if (sameOctets && row.disposition === "stored" && row.messageKey !== null) {
      const other = this.#messages.claim(row.messageKey, at);
      if (other !== at) {
        // Two usable unique-ids are two messages: the later of the two has to show what it is (rule 6a).
        if (other > at) this.#standing[other] = TWIN;
        else return TWIN;
      }
    }
    if (sameOctets && row.disposition === "baseline" && row.bound) this.#boundBaseline.push(at);
    return sameOctets ? KNOWN : CHANGED;
  }

  finish(): Detection {
    const lists: number[][] = [[], [], [], [], [], [], []];
    let known = 0;
    const settled = new Uint8Array(this.#standing.length);
    for (let at = 0; at < this.#standing.length; at++) {
      const standing = this.#standing[at] ?? UNKNOWN;
      if (standing === KNOWN) {
        known++;
        settled[at] = 1;
      } else lists[standing]?.push(at);
    }
    const list = (standing: number): readonly number[] => lists[standing] ?? [];
    return {
      known,
      unknown: list(UNKNOWN),
      changed: list(CHANGED),
      classed: list(CLASSED),
      twins: list(TWIN),
      boundBaseline: this.#boundBaseline.sort((a, b) => a - b),
      retries: list(RETRY),
      waiting: list(WAITING),
      absentOctets: this.#absentOctets,
      index: this.#index,
      settled,
      classKeys: this.#classKeys,
    };
  }
}

/**
 * Which listing entry stands for which message: an open-addressing table of indexes and of 64 bits of each message's
 * UUID, which are random in those that we make. Two messages that share them would be taken for one, and the later
 * entry retrieved: nothing is known by this table.
 */
class MessageTable {
  readonly #table: Int32Array;
  readonly #mask: number;

  constructor(entries: number) {
    let size = 16;
    while (size < 2 * entries) size *= 2;
    this.#mask = size - 1;
    this.#table = new Int32Array(3 * size).fill(-1);
  }

  /** Notes that `at` stands for the message, and gives the entry that did so before, or `at` itself. */
  claim(key: Uint8Array, at: number): number {
    const table = this.#table;
    const high = wordAt(key, 8);
    const low = wordAt(key, 12);
    const hash = Math.imul(high ^ (low >>> 15), 0x5bd1e995) ^ Math.imul(low, 0x27d4eb2f);
    for (let place = (hash ^ (hash >>> 15)) & this.#mask; ; place = (place + 1) & this.#mask) {
      const slot = 3 * place;
      const other = table[slot] ?? -1;
      if (other >= 0 && (table[slot + 1] !== high || table[slot + 2] !== low)) continue;
      if (other < 0 || other > at) {
        table[slot] = at;
        table[slot + 1] = high;
        table[slot + 2] = low;
      }
      return other < 0 ? at : other;
    }
  }
}

function wordAt(octets: Uint8Array, at: number): number {
  const high = ((octets[at] ?? 0) << 24) | ((octets[at + 1] ?? 0) << 16);
  return high | ((octets[at + 2] ?? 0) << 8) | (octets[at + 3] ?? 0);
}
