import { bufferOf, CR, LF } from "./octets.ts";

/** By so many octets it is told which line ends a message has. */
const LOOKED_AT = 65_536;

/** Old Macintosh mail ends its lines with CR alone. It is given the line ends that all other mail has. */
export class LineEnds {
  /** What has arrived before it is known whether CR alone ends lines; null once it is known. */
  #held: Buffer[] | null = [];
  #heldLength = 0;
  #hasReturns = false;
  #isMacintosh = false;

  add(octets: Buffer): readonly Buffer[] {
    if (this.#held === null) return [this.#converted(octets)];
    const looked = octets.subarray(0, LOOKED_AT - this.#heldLength);
    this.#hasReturns ||= looked.includes(CR);
    if (!looked.includes(LF) && looked.length === octets.length) {
      this.#held.push(octets);
      this.#heldLength += octets.length;
      return [];
    }
    return this.#decide([...this.#held, octets], looked.includes(LF));
  }

  end(): readonly Buffer[] {
    return this.#held === null ? [] : this.#decide(this.#held, false);
  }

  #decide(held: readonly Buffer[], hasLineFeeds: boolean): readonly Buffer[] {
    this.#isMacintosh = !hasLineFeeds && this.#hasReturns;
    this.#held = null;
    return held.map((piece) => this.#converted(piece));
  }

  #converted(octets: Buffer): Buffer {
    return this.#isMacintosh ? bufferOf(octets.map((octet) => (octet === CR ? LF : octet))) : octets;
  }
}
