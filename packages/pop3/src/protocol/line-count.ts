import { LimitExceededError } from "../errors/reply.ts";
import type { Limits } from "./limits.ts";
import type { DropListing } from "./status.ts";

const LF = 0x0a;
/** `1 1` and its line end: a line that lists a message has no fewer. */
const leastLineOctets = 4;
/** A line that is this much longer than those that are read is no line of a listing any more. */
const lineFactor = 16;

/**
 * Sees to it that a listing without end is ended long before its octets are too many. STAT's count is wrong on some
 * servers: its bound has a wide margin.
 *
 * Of a million messages counting the lines is work that is felt. It is put off until there may be too many, which in
 * honest listings is never.
 */
export class LineCount {
  /** Octets that have come. */
  octets = 0;
  readonly #mostLines: number;
  readonly #mostOctets: number;
  /** What has not been counted. */
  #pieces: Uint8Array[] = [];
  #count = 0;
  /** Octets of the line that has not ended. */
  #open = 0;

  constructor(limits: Pick<Limits, "listingLines" | "listingLineOctets">, drop: DropListing | null) {
    const byStat = drop === null ? Infinity : 10 * drop.count + 10_000;
    this.#mostLines = Math.min(limits.listingLines, byStat);
    this.#mostOctets = lineFactor * limits.listingLineOctets;
  }

  /** Takes what comes next, which must not change. What it exceeds, or null. */
  take(octets: Uint8Array): LimitExceededError | null {
    this.octets += octets.length;
    const last = octets.lastIndexOf(LF);
    this.#open = last < 0 ? this.#open + octets.length : octets.length - last - 1;
    if (this.#open > this.#mostOctets)
      return new LimitExceededError("listingLineOctets", this.#mostOctets, false, "octets in one line");
    this.#pieces.push(octets);
    if (this.octets <= leastLineOctets * this.#mostLines) return null;
    for (const piece of this.#pieces.splice(0)) this.#count += linesIn(piece);
    if (this.#count <= this.#mostLines) return null;
    return new LimitExceededError("listingLines", this.#mostLines, false, "lines");
  }
}

/** A search for each line end takes longer where lines are short. */
function linesIn(octets: Uint8Array): number {
  let count = 0;
  for (let at = 0; at < octets.length; at++) if (octets[at] === LF) count++;
  return count;
}
