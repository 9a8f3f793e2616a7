import { LimitExceededError } from "../errors/reply.ts";
import type { Limits } from "./limits.ts";
import type { DropListing } from "./listing.ts";

const LF = 0x0a;
/** The shortest line that lists a message is `1 1` with a bare LF. */
const leastLineOctets = 4;
/** How much longer than `listingLineOctets` a line may be, since nobody cuts or parses it here. */
const lineFactor = 16;

/**
 * Notices that a listing has no end, long before its octets are too many: it has too many lines, or one line that is too
 * long. STAT's count bounds the lines with a wide margin, because some servers count wrongly.
 *
 * Counting a million lines takes time that is felt. So a piece's lines are counted only when there may be too many lines
 * with as many as it can have: of an honest listing of a million messages that is a third, of smaller ones nothing.
 */
export class ListingBound {
  /** Octets that have come so far. */
  octets = 0;
  readonly #mostLines: number;
  readonly #mostOctets: number;
  /** The pieces whose lines have not been counted, and their octets. */
  readonly #pieces: Uint8Array[] = [];
  #uncounted = 0;
  #count = 0;
  /** Octets of the last line, which has not ended. */
  #open = 0;

  constructor(limits: Pick<Limits, "listingLines" | "listingLineOctets">, drop: DropListing | null) {
    const byStat = drop === null ? Infinity : 10 * drop.count + 10_000;
    this.#mostLines = Math.min(limits.listingLines, byStat);
    this.#mostOctets = lineFactor * limits.listingLineOctets;
  }

  /** Takes the next octets, which must not change. Returns the error if they exceed a bound, otherwise null. */
  take(octets: Uint8Array): LimitExceededError | null {
    this.octets += octets.length;
    const last = octets.lastIndexOf(LF);
    this.#open = last < 0 ? this.#open + octets.length : octets.length - last - 1;
    if (this.#open > this.#mostOctets)
      return new LimitExceededError("listingLineOctets", this.#mostOctets, false, "octets in one line");
    this.#pieces.push(octets);
    this.#uncounted += octets.length;
    while (this.#count + this.#uncounted / leastLineOctets > this.#mostLines) {
      const piece = this.#pieces.pop();
      if (piece === undefined) return new LimitExceededError("listingLines", this.#mostLines, false, "lines");
      this.#uncounted -= piece.length;
      this.#count += linesIn(piece);
    }
    return null;
  }
}

/** Counts octet by octet: a search for each line end takes longer where lines are short. */
function linesIn(octets: Uint8Array): number {
  let count = 0;
  for (let at = 0; at < octets.length; at++) if (octets[at] === LF) count++;
  return count;
}
