/** More small pieces than this are put together: each takes more memory than its octets. */
const MOST_SMALL = 1024;

/** Octets that arrive in pieces, however small these are. */
export class Pieces {
  #whole: Buffer[] = [];
  #small: Buffer[] = [];
  #length = 0;

  get length(): number {
    return this.#length;
  }

  add(octets: Buffer): void {
    this.#small.push(octets);
    this.#length += octets.length;
    if (this.#small.length < MOST_SMALL) return;
    this.#whole.push(Buffer.concat(this.#small));
    this.#small = [];
  }

  /** All of them; a single piece is not copied. */
  joined(): Buffer {
    const pieces = [...this.#whole, ...this.#small];
    const [only] = pieces;
    return only !== undefined && pieces.length === 1 ? only : Buffer.concat(pieces);
  }

  clear(): void {
    this.#whole = [];
    this.#small = [];
    this.#length = 0;
  }
}
