import { latin1 } from "../message/octets.ts";
import { ListingIndex } from "./id-index.ts";
import { Listing } from "./listing.ts";

/**
 * The whole listing of a run, to ask what else is listed. Where a mark let the run look at the listing's tail only, the
 * whole is read when the first question comes, which is seldom.
 */
export class Roll {
  readonly #tail: Listing;
  readonly #tailIndex: ListingIndex;
  readonly #trusted: boolean;
  /** 1 for entries of the tail whose rows this run has found right, whatever octets another run writes to them. */
  readonly #confirmed: Uint8Array;
  /** Messages that entries turned out to be although their rows say something else, by message number. */
  readonly #corrected = new Map<number, string>();
  /** The header digest of what was retrieved under a unique-id that is not usable, by its key. */
  readonly #headers = new Map<string, Uint8Array>();
  #whole: { readonly listing: Listing; readonly index: ListingIndex } | null = null;

  /** @param known 1 for each entry of the tail that the ledger knew when the run began */
  constructor(tail: Listing, tailIndex: ListingIndex, uniqueIdsTrusted: boolean, known: Uint8Array) {
    this.#confirmed = known.slice();
    this.#tail = tail;
    this.#tailIndex = tailIndex;
    this.#trusted = uniqueIdsTrusted;
  }

  /** The row of this entry of the tail is right. */
  confirm(at: number): void {
    this.#confirmed[at] = 1;
  }

  correct(messageNumber: number, messageId: string): void {
    this.#corrected.set(messageNumber, messageId);
  }

  noteHeader(uniqueIdKey: Uint8Array, headerDigest: Uint8Array): void {
    this.#headers.set(latin1(uniqueIdKey), headerDigest);
  }

  /** The header digest that was retrieved last under this unique-id in this run, null if none was. */
  headerUnder(uniqueIdKey: Uint8Array): Uint8Array | null {
    return this.#headers.get(latin1(uniqueIdKey)) ?? null;
  }

  /** True if the entry's own row does not say which message it is. */
  isCorrected(messageNumber: number): boolean {
    return this.#corrected.has(messageNumber);
  }

  /** The listed entry whose usable unique-id has this key; null if there is none. */
  find(identity: Uint8Array): RollEntry | null {
    const { listing, index } = this.#read();
    const at = index.find(identity);
    if (at < 0) return null;
    const messageNumber = listing.messageNumber(at);
    const inTail = listing === this.#tail ? at : at - this.#tail.start.count;
    return {
      usable: this.#trusted && index.isAlone(at),
      octets: listing.octets(at),
      // What the mark covers was settled with these octets, whatever another run has written since.
      confirmed: inTail < 0 || this.#confirmed[inTail] === 1,
      correctedTo: this.#corrected.get(messageNumber) ?? null,
    };
  }

  #read(): { readonly listing: Listing; readonly index: ListingIndex } {
    if (this.#whole === null) {
      const whole = this.#tail.start.count === 0;
      const listing = whole ? this.#tail : new Listing(this.#tail.raw);
      this.#whole = { listing, index: whole ? this.#tailIndex : new ListingIndex(listing) };
    }
    return this.#whole;
  }
}

/** A listed entry, as other entries' settling needs to see it. */
export interface RollEntry {
  readonly usable: boolean;
  readonly octets: number | null;
  readonly confirmed: boolean;
  readonly correctedTo: string | null;
}
