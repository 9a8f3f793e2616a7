import { ListingIndex } from "../listing/id-index.ts";
import type { Listing } from "../listing/listing.ts";
import { isClassKey } from "../message/identity.ts";
import { isDue } from "../ports/due.ts";
import type { KnownBlock } from "../ports/known-block.ts";
import { sameCriteria } from "../ports/ledger-entry.ts";

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
  /** How many are settled, and nothing speaks against it. */
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
  blocks: AsyncIterable<KnownBlock>,
  options: DetectOptions,
): Promise<Detection> {
  const detector = new Detector(listing, options);
  for await (const block of blocks) detector.see(block);
  return detector.finish();
}

class Detector {
  readonly #listing: Listing;
  readonly #options: DetectOptions;
  readonly #index: ListingIndex;
  readonly #standing: Uint8Array;
  /** Of each entry that is known by a row which names a message, bits that tell that message; -1 for the others. */
  readonly #messages: Float64Array;
  readonly #absentOctets = new Set<number>();
  readonly #classKeys: Uint8Array[] = [];
  readonly #boundBaseline: number[] = [];
  #found = new Int32Array(0);

  constructor(listing: Listing, options: DetectOptions) {
    this.#listing = listing;
    this.#options = options;
    this.#index = new ListingIndex(listing);
    this.#messages = new Float64Array(listing.length).fill(-1);
    this.#standing = new Uint8Array(listing.length);
    for (let at = 0; at < listing.length; at++)
      if (!options.uniqueIdsTrusted || !this.#index.isAlone(at)) this.#standing[at] = CLASSED;
  }

  see(block: KnownBlock): void {
    if (this.#found.length < block.length) this.#found = new Int32Array(block.length);
    const found = this.#found;
    this.#index.findAll(block.identities, block.identityEnds, block.length, found);
    for (let n = 0; n < block.length; n++) {
      const at = found[n] ?? -1;
      if (at < 0) this.#seeAbsent(block, n);
      else if (this.#standing[at] !== CLASSED) this.#standing[at] = this.#judge(block, n, at);
    }
  }

  /** Also of a class: mail of a run without UIDL comes back under its unique-id, which is as good as renumbered. */
  #seeAbsent(block: KnownBlock, n: number): void {
    const octets = block.octets[n] ?? -1;
    if (octets >= 0 && block.disposition(n) !== "deferred") this.#absentOctets.add(octets);
    if (isClassKey(block.identities, block.identityStart(n))) this.#classKeys.push(block.identity(n).slice());
  }

  #judge(block: KnownBlock, n: number, at: number): number {
    const octets = block.octets[n] ?? -1;
    const sameOctets = octets < 0 || octets === this.#listing.octets(at);
    const disposition = block.disposition(n);
    if (disposition === "stored") {
      if (!sameOctets) return CHANGED;
      // An entry with other octets may turn out to be another message: it claims nothing here (see selectChanged).
      this.#messages[at] = block.messageBits(n);
      return KNOWN;
    }
    const { criteriaDigest, attempts, due } = block.rest(n);
    const retry = isDue(due, this.#options.now) ? RETRY : WAITING;
    if (disposition === "deferred") return sameOctets ? retry : UNKNOWN;
    if (disposition === "skipped" && !sameCriteria(criteriaDigest, this.#options.criteriaDigest))
      return attempts === 0 ? UNKNOWN : retry;
    if (!sameOctets) return CHANGED;
    if (disposition === "baseline" && block.isBound(n)) this.#boundBaseline.push(at);
    return KNOWN;
  }

  /** Two usable unique-ids are two messages: the later of the two has to show what it is (rule 6a). */
  #separateTwins(): void {
    const messages = this.#messages;
    // Two bits for each message, at a place that few share, tell which were met, and which of them again: a set of a
    // million numbers takes ten times as long.
    const bits = Math.min(25, 5 + Math.ceil(Math.log2(messages.length + 1)));
    const place = placesOf(messages, bits);
    const met = new Int32Array(2 ** bits / 32);
    const again = new Int32Array(2 ** bits / 32);
    for (let at = 0; at < messages.length; at++) {
      if ((messages[at] ?? -1) < 0) continue;
      const bit = place(at);
      addBit(hasBit(met, bit) ? again : met, bit);
    }
    const first = new Set<number>();
    for (let at = 0; at < messages.length; at++) {
      const message = messages[at] ?? -1;
      if (message < 0 || !hasBit(again, place(at))) continue;
      if (first.has(message)) this.#standing[at] = TWIN;
      first.add(message);
    }
  }

  finish(): Detection {
    this.#separateTwins();
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

/** A place for each number, by its bits. */
function placesOf(numbers: Float64Array, bits: number): (at: number) => number {
  const words = new Int32Array(numbers.buffer);
  return (at) => {
    const high = Math.imul(words[2 * at + 1] ?? 0, 0x27d4eb2f);
    return Math.imul((words[2 * at] ?? 0) ^ high ^ (high >>> 15), 0x5bd1e995) >>> (32 - bits);
  };
}

function hasBit(bits: Int32Array, bit: number): boolean {
  return (((bits[bit >>> 5] ?? 0) >>> (bit & 31)) & 1) === 1;
}

function addBit(bits: Int32Array, bit: number): void {
  bits[bit >>> 5] = (bits[bit >>> 5] ?? 0) | (1 << (bit & 31));
}
