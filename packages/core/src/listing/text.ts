const LF = 0x0a;
/** Smaller pieces are copied together: a server that sends line by line must not leave a million of them. */
const SMALL_PIECE = 4 * 1024;
const BLOCK = 64 * 1024;
const NOTHING = new Uint8Array(0);

const { indexOf } = Uint8Array.prototype;

/** Takes a line: where it stands, without its LF. */
export type TakeLine = (text: Uint8Array, start: number, end: number) => void;

/**
 * The lines of UIDL or of LIST as the server sent them, in the pieces in which they came: those of a million messages
 * are 40 MB, which nobody copies.
 */
export class ListingText {
  /** Octets. */
  length = 0;
  readonly #pieces: Uint8Array[] = [];
  /** What is left of the block that the last piece, a copy of small ones, stands in. */
  #room = NOTHING;

  /** Takes what comes next; the memory is kept. */
  push(octets: Uint8Array): void {
    this.length += octets.length;
    if (octets.length < SMALL_PIECE) this.#pushSmall(octets);
    else {
      this.#pieces.push(plain(octets));
      this.#room = NOTHING;
    }
  }

  get pieces(): readonly Uint8Array[] {
    return this.#pieces;
  }

  /** Gives each line beyond the first `from` octets to `take`. */
  forEachLine(from: number, take: TakeLine): void {
    /** The beginning of a line that goes on in the next piece. */
    let begun: Uint8Array[] = [];
    let skip = from;
    for (const piece of this.#pieces) {
      let at = Math.min(skip, piece.length);
      skip -= at;
      for (let lf = indexOf.call(piece, LF, at); lf >= 0; lf = indexOf.call(piece, LF, at)) {
        if (begun.length === 0) take(piece, at, lf);
        else {
          const line = plain(Buffer.concat([...begun, piece.subarray(at, lf)]));
          begun = [];
          take(line, 0, line.length);
        }
        at = lf + 1;
      }
      if (at < piece.length) begun.push(piece.subarray(at));
    }
    const last = plain(Buffer.concat(begun));
    if (last.length > 0) take(last, 0, last.length);
  }

  /** Where the `count` lines end that begin at `from`. */
  endOfLines(from: number, count: number): number {
    if (count === 0) return from;
    let left = count;
    let before = 0;
    for (const piece of this.#pieces) {
      let at = Math.min(Math.max(from - before, 0), piece.length);
      for (let lf = indexOf.call(piece, LF, at); lf >= 0; lf = indexOf.call(piece, LF, at)) {
        at = lf + 1;
        if (--left === 0) return before + at;
      }
      before += piece.length;
    }
    return this.length;
  }

  #pushSmall(octets: Uint8Array): void {
    if (octets.length > this.#room.length) {
      this.#room = new Uint8Array(BLOCK);
      this.#pieces.push(this.#room.subarray(0, 0));
    }
    this.#room.set(octets);
    const { buffer, byteOffset } = this.#room;
    this.#room = this.#room.subarray(octets.length);
    this.#pieces[this.#pieces.length - 1] = new Uint8Array(buffer, 0, byteOffset + octets.length);
  }
}

/** Not a Buffer, whose own ways take longer where lines are short. */
function plain({ buffer, byteOffset, byteLength }: Uint8Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
