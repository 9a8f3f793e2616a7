import { LimitExceededError } from "../errors/reply.ts";
import type { Limits } from "./limits.ts";
import type { DropListing } from "./status.ts";

const LF = 0x0a;
/** A line that is this much longer than those that are read is no line of a listing any more. */
const lineFactor = 16;

/**
 * Counts the lines of a listing as its octets come, so that one without end is ended long before its octets are too
 * many. STAT's count is wrong on some servers: its bound has a wide margin.
 */
export class LineCount {
  /** Lines that have ended. */
  count = 0;
  readonly #mostLines: number;
  readonly #mostOctets: number;
  /** Octets of the line that has not ended. */
  #open = 0;

  constructor(limits: Pick<Limits, "listingLines" | "listingLineOctets">, drop: DropListing | null) {
    const byStat = drop === null ? Infinity : 10 * drop.count + 10_000;
    this.#mostLines = Math.min(limits.listingLines, byStat);
    this.#mostOctets = lineFactor * limits.listingLineOctets;
  }

  /** Takes what comes next. What it exceeds, or null. */
  take(octets: Uint8Array): LimitExceededError | null {
    let count = this.count;
    let longest = 0;
    // Where the line begins: before the octets, if it began in earlier ones.
    let start = -this.#open;
    // A search for each line end takes longer where lines are short.
    for (let at = 0; at < octets.length; at++) {
      if (octets[at] !== LF) continue;
      count++;
      if (at - start > longest) longest = at - start;
      start = at + 1;
    }
    this.count = count;
    this.#open = octets.length - start;
    if (count > this.#mostLines)
      return new LimitExceededError("listingLines", this.#mostLines, false, "lines");
    if (Math.max(longest, this.#open) <= this.#mostOctets) return null;
    return new LimitExceededError("listingLineOctets", this.#mostOctets, false, "octets in one line");
  }
}
