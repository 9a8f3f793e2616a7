const LF = 0x0a;
const CR = 0x0d;
const nothing = Buffer.alloc(0);
const { indexOf } = Uint8Array.prototype;

/**
 * Cuts a listing into lines, over any split of the input. There may be a million lines, so none gets a slice or an object
 * of its own: the fields say where the line stands.
 */
export class LineSplitter {
  /** The octets in which the line of the last `next` stands, from `start` to before `end`, without its line end. */
  octets: Uint8Array = nothing;
  start = 0;
  end = 0;
  /** True if the line was longer than the limit; it is cut there. */
  cut: boolean = false;
  readonly #limit: number;
  #chunk: Uint8Array = nothing;
  #at = 0;
  #rest: Buffer = nothing;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Takes the next octets. Every line of those before must have been read. */
  feed(octets: Uint8Array): void {
    this.#chunk = octets;
    this.#at = 0;
  }

  /** Goes on to the next line. False: more octets must be fed first. */
  next(): boolean {
    const start = this.#at;
    // Buffer's own indexOf is slower, which counts where lines are short.
    const lf = indexOf.call(this.#chunk, LF, start);
    if (lf < 0 || this.#rest.length > 0) return this.#join(start, lf);
    this.#at = lf + 1;
    this.octets = this.#chunk;
    this.start = start;
    this.end = lf > start && this.#chunk[lf - 1] === CR ? lf - 1 : lf;
    this.cut = this.end - start > this.#limit;
    if (this.cut) this.end = start + this.#limit;
    return true;
  }

  /** Goes on to a line that is not in one chunk, or keeps its beginning. */
  #join(start: number, lf: number): boolean {
    const chunk = this.#chunk;
    const line = Buffer.concat([this.#rest, chunk.subarray(start, lf < 0 ? chunk.length : lf + 1)]);
    this.#rest = nothing;
    if (lf >= 0) {
      this.feed(line);
      this.next();
    } else {
      // Three octets beyond the limit: one shows that the line is too long, two may be the line end.
      this.#rest = line.subarray(0, this.#limit + 3);
    }
    this.#chunk = chunk;
    this.#at = lf < 0 ? chunk.length : lf + 1;
    return lf >= 0;
  }
}
