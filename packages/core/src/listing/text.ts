const LF = 0x0a;
/** Pieces with fewer octets are copied into blocks: a server that sends line by line must not leave a million pieces. */
const SMALL_PIECE = 4 * 1024;
const BLOCK = 64 * 1024;
const NOTHING = new Uint8Array(0);

const { indexOf } = Uint8Array.prototype;

/** Receives one line: it stands in `text` from `start` to `end`, without its LF. */
export type TakeLine = (text: Uint8Array, start: number, end: number) => void;

/**
 * The lines of UIDL or of LIST as the server sent them. They are kept in the pieces in which they arrived, because those
 * of a million messages are 40 MB, and copying them takes time.
 */
export class ListingText {
  /** Number of octets. */
  length = 0;
  readonly #pieces: Uint8Array[] = [];
  /** If the last piece is a copy of small ones: the free rest of the block in which it stands. */
  #room = NOTHING;

  /** Appends the next octets. The caller must not use their memory again. */
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

  /** Calls `take` for each line that begins after the first `from` octets. */
  forEachLine(from: number, take: TakeLine): void {
    /** The beginning of a line that continues in the next piece. */
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

  /** Gives the octet at which `count` lines end that begin at octet `from`. */
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

/** The same memory as a Uint8Array that is no Buffer: the methods of Buffer take longer on short lines. */
function plain({ buffer, byteOffset, byteLength }: Uint8Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
