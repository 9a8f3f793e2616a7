import { Entries } from "../listing/entries.ts";
import { STATE_CODES } from "../listing/entry-state.ts";
import type { Listing } from "../listing/listing.ts";
import { UniqueIds } from "../listing/unique-ids.ts";
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

const { unknown: UNKNOWN, known: KNOWN, changed: CHANGED, classed: CLASSED } = STATE_CODES;
const { twin: TWIN, retry: RETRY, waiting: WAITING } = STATE_CODES;

/** What the ledger says of a listing. */
export interface Detection {
  /** Each is known, unknown, changed, classed, a twin, a retry or waiting. */
  readonly entries: Entries;
  /** Indexes of known entries, ascending, that are marked as known by being bound to another entry that was. */
  readonly boundBaseline: readonly number[];
  /** Listed octets of settled rows whose unique-id is not in the listing: only such mail can have been renumbered. */
  readonly absentOctets: ReadonlySet<number>;
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
  readonly #uniqueIds: UniqueIds;
  readonly #states: Uint8Array;
  /** Of each entry that is known by a row which names a message, bits that tell that message; -1 for the others. */
  readonly #messages: Float64Array;
  readonly #absentOctets = new Set<number>();
  readonly #classKeys: Uint8Array[] = [];
  readonly #boundBaseline: number[] = [];
  #found = new Int32Array(0);

  constructor(listing: Listing, options: DetectOptions) {
    this.#listing = listing;
    this.#options = options;
    this.#uniqueIds = new UniqueIds(listing);
    this.#messages = new Float64Array(listing.length).fill(-1);
    this.#states = new Uint8Array(listing.length).fill(UNKNOWN);
    for (let index = 0; index < listing.length; index++)
      if (!options.uniqueIdsTrusted || !this.#uniqueIds.isAlone(index)) this.#states[index] = CLASSED;
  }

  see(block: KnownBlock): void {
    if (this.#found.length < block.length) this.#found = new Int32Array(block.length);
    const found = this.#found;
    this.#uniqueIds.findAll(block.identities, block.identityEnds, block.length, found);
    for (let n = 0; n < block.length; n++) {
      const index = found[n] ?? -1;
      if (index < 0) this.#seeAbsent(block, n);
      else if (this.#states[index] !== CLASSED) this.#states[index] = this.#judge(block, n, index);
    }
  }

  /** Also of a class: mail of a run without UIDL comes back under its unique-id, which is as good as renumbered. */
  #seeAbsent(block: KnownBlock, n: number): void {
    const octets = block.octets[n] ?? -1;
    if (octets >= 0 && block.disposition(n) !== "deferred") this.#absentOctets.add(octets);
    if (isClassKey(block.identities, block.identityStart(n))) this.#classKeys.push(block.identity(n).slice());
  }

  #judge(block: KnownBlock, n: number, index: number): number {
    const octets = block.octets[n] ?? -1;
    const sameOctets = octets < 0 || octets === this.#listing.octets(index);
    const disposition = block.disposition(n);
    if (disposition === "stored") {
      if (!sameOctets) return CHANGED;
      // An entry with other octets may turn out to be another message: it claims nothing here (see selectChanged).
      this.#messages[index] = block.messageBits(n);
      return KNOWN;
    }
    const { criteriaDigest, attempts, due } = block.rest(n);
    const retry = isDue(due, this.#options.now) ? RETRY : WAITING;
    if (disposition === "deferred") return sameOctets ? retry : UNKNOWN;
    if (disposition === "skipped" && !sameCriteria(criteriaDigest, this.#options.criteriaDigest))
      return attempts === 0 ? UNKNOWN : retry;
    if (!sameOctets) return CHANGED;
    if (disposition === "baseline" && block.isBound(n)) this.#boundBaseline.push(index);
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
    for (let index = 0; index < messages.length; index++) {
      if ((messages[index] ?? -1) < 0) continue;
      const bit = place(index);
      addBit(hasBit(met, bit) ? again : met, bit);
    }
    const first = new Set<number>();
    for (let index = 0; index < messages.length; index++) {
      const message = messages[index] ?? -1;
      if (message < 0 || !hasBit(again, place(index))) continue;
      if (first.has(message)) this.#states[index] = TWIN;
      first.add(message);
    }
  }

  finish(): Detection {
    this.#separateTwins();
    return {
      entries: new Entries(this.#uniqueIds, this.#options.uniqueIdsTrusted, this.#states),
      boundBaseline: this.#boundBaseline.sort((a, b) => a - b),
      absentOctets: this.#absentOctets,
      classKeys: this.#classKeys,
    };
  }
}

/** A place for each number, by its bits. */
function placesOf(numbers: Float64Array, bits: number): (index: number) => number {
  const words = new Int32Array(numbers.buffer);
  return (index) => {
    const high = Math.imul(words[2 * index + 1] ?? 0, 0x27d4eb2f);
    return Math.imul((words[2 * index] ?? 0) ^ high ^ (high >>> 15), 0x5bd1e995) >>> (32 - bits);
  };
}

function hasBit(bits: Int32Array, bit: number): boolean {
  return (((bits[bit >>> 5] ?? 0) >>> (bit & 31)) & 1) === 1;
}

function addBit(bits: Int32Array, bit: number): void {
  bits[bit >>> 5] = (bits[bit >>> 5] ?? 0) | (1 << (bit & 31));
}
