import { createHash } from "node:crypto";

const LF = 0x0a;
/** Smaller pieces are copied together: a server that sends line by line must not leave a million of them. */
const SMALL_PIECE = 4 * 1024;
const BLOCK = 64 * 1024;
const NOTHING = new Uint8Array(0);

const { indexOf } = Uint8Array.prototype;

/** Takes a line: where it stands, without its LF. */
export type TakeLine = (text: Uint8Array, start: number, end: number) => void;

/**
 * The lines of UIDL or of LIST as the server sent them, in the pieces in which they came, and their digest, which is
 * made as they come. A million messages are 40 MB, which nobody copies.
 */
export class ListingText {
  /** Octets. */
  length = 0;
  readonly #pieces: Uint8Array[] = [];
  readonly #hash = createHash("sha256");
  /** The digest of so many octets from the start will be asked for. */
  readonly #noted: number;
  #notedDigest: Uint8Array | null = null;
  /** What is left of the block that the last piece, a copy of small ones, stands in. */
  #room = NOTHING;

  /** @param noted of so many octets from the start the digest will be asked for */
  constructor(noted = 0) {
    this.#noted = noted;
  }

  /** Takes what comes next; the memory is kept. */
  push(octets: Uint8Array): void {
    const toNoted = this.#noted - this.length;
    this.length += octets.length;
    if (toNoted > 0 && toNoted <= octets.length) {
      this.#hash.update(octets.subarray(0, toNoted));
      this.#notedDigest = this.#hash.copy().digest();
      this.#hash.update(octets.subarray(toNoted));
    } else this.#hash.update(octets);
    if (octets.length < SMALL_PIECE) this.#pushSmall(octets);
    else {
      this.#pieces.push(plain(octets));
      this.#room = NOTHING;
    }
  }

  /** SHA-256 of the first so many octets; null if there are fewer. */
  digest(octets: number): Uint8Array | null {
    if (octets > this.length) return null;
    if (octets === this.length) return this.#hash.copy().digest();
    if (octets === this.#noted && this.#notedDigest !== null) return this.#notedDigest;
    const hash = createHash("sha256");
    let left = octets;
    for (const piece of this.#pieces) {
      hash.update(piece.subarray(0, left));
      left -= piece.length;
      if (left <= 0) break;
    }
    return hash.digest();
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
