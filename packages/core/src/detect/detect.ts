import { Entries } from "../listing/entries.ts";
import { STATE_CODES } from "../listing/entry-state.ts";
import type { Listing } from "../listing/listing.ts";
import { UniqueIds } from "../listing/unique-ids.ts";
import { isClassKey } from "../message/identity.ts";
import { isDue, LONGEST_WAIT_MS } from "../ports/due.ts";
import type { KnownBlock } from "../ports/known-block.ts";
import { sameCriteria } from "../ports/ledger-entry.ts";

/** What detection needs to know about the run. */
export interface DetectOptions {
  /** False if no unique-id of this maildrop may be used (rule 10). */
  readonly uniqueIdsTrusted: boolean;
  /** The digest of the run's criteria, null if it has none. */
  readonly criteriaDigest: Uint8Array | null;
  /** The present time: deferred entries that are due by then are tried again. */
  readonly now: Date;
}

const { unknown: UNKNOWN, known: KNOWN, changed: CHANGED, classed: CLASSED } = STATE_CODES;
const { twin: TWIN, retry: RETRY, notDue: NOT_DUE, waiting: WAITING } = STATE_CODES;

/** The result of detection: the listing compared with the ledger. */
export interface Detection {
  /** The entries; each is in one of the states known, unknown, changed, classed, twin, retry, notDue and waiting. */
  readonly entries: Entries;
  /** Indexes, ascending, of known entries whose baseline row was bound to another baseline row (rule 13). */
  readonly boundBaseline: readonly number[];
  /** Listed octets of settled rows whose key is not listed. Only entries with such octets can be renumbered mail. */
  readonly absentOctets: ReadonlySet<number>;
  /** The keys of all class rows of the ledger. */
  readonly classKeys: readonly Uint8Array[];
  /**
   * True if entries are unknown although they have rows: other criteria have skipped them or let them wait, or they have waited
   * and are ripe, or have other octets now.
   */
  readonly hasUndecidedRows: boolean;
}

/**
 * Tells known entries from new ones. The listing's unique-ids are put into a hash table, and the ledger's rows are
 * streamed past it, so that memory grows with the listing and not with the ledger.
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
  /** For each entry whose row is `stored` and has the same octets, bits that tell the row's message; -1 for others. */
  readonly #messages: Float64Array;
  readonly #absentOctets = new Set<number>();
  readonly #classKeys: Uint8Array[] = [];
  readonly #boundBaseline: number[] = [];
  #hasUndecidedRows = false;
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

  /** Notes a row whose key is not listed, also a class row: its mail may have got a unique-id, as in a renumbering. */
  #seeAbsent(block: KnownBlock, n: number): void {
    const octets = block.octets[n] ?? -1;
    const disposition = block.disposition(n);
    if (octets >= 0 && disposition !== "deferred" && disposition !== "waiting")
      this.#absentOctets.add(octets);
    if (isClassKey(block.identities, block.identityStart(n))) this.#classKeys.push(block.identity(n).slice());
  }

  /** The state of the entry `index`, whose unique-id has row `n` of the block. */
  #judge(block: KnownBlock, n: number, index: number): number {
    const octets = block.octets[n] ?? -1;
    const sameOctets = octets < 0 || octets === this.#listing.octets(index);
    const disposition = block.disposition(n);
    if (disposition === "stored") {
      if (!sameOctets) return CHANGED;
      // Noted for equal octets only: an entry with other octets may be another message (see selectChanged).
      this.#messages[index] = block.messageBits(n);
      return KNOWN;
    }
    const { criteriaDigest, attempts, due } = block.rest(n);
    if (disposition === "waiting") {
      const isMine = sameOctets && sameCriteria(criteriaDigest, this.#options.criteriaDigest);
      if (isMine && !isDue(due, this.#options.now, LONGEST_WAIT_MS)) return WAITING;
      this.#hasUndecidedRows = true;
      return UNKNOWN;
    }
    const retry = isDue(due, this.#options.now) ? RETRY : NOT_DUE;
    if (disposition === "deferred") return sameOctets ? retry : UNKNOWN;
    if (disposition === "skipped" && !sameCriteria(criteriaDigest, this.#options.criteriaDigest)) {
      this.#hasUndecidedRows = true;
      return attempts === 0 ? UNKNOWN : retry;
    }
    if (!sameOctets) return CHANGED;
    if (disposition === "baseline" && block.isBound(n)) this.#boundBaseline.push(index);
    return KNOWN;
  }

  /** Makes twins of known entries whose rows name the message of an entry before them: they are retrieved (rule 6a). */
  #separateTwins(): void {
    const messages = this.#messages;
    // Two bits at the place of each message's hash tell whether a message was met there, and whether a second one was.
    // Only then is the set below needed: a set of a million numbers takes ten times as long.
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
      hasUndecidedRows: this.#hasUndecidedRows,
    };
  }
}

/** A hash of each number, `bits` bits long. */
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
