const CR = 0x0d;
const LF = 0x0a;
const DOT = 0x2e;

const held = Buffer.from("\r");
const crlfDot = Buffer.from("\r\n.");
const lfDot = Buffer.from("\n.");

/** Where in CRLF "." CRLF the octets so far end. In `dotCr` the CR is held back. */
type Place = "text" | "cr" | "lineStart" | "dot" | "dotCr";

/**
 * Finds the end of a multi-line reply and takes byte-stuffing off (RFC 1939 section 3), over any split of the
 * input.
 *
 * Strict: only CRLF ends a line, so a message with bare LFs inside comes through octet by octet: LF "." CRLF
 * is no terminator and a "." after a bare LF stays. Lenient: LF alone ends a line too; for listings, and for
 * a server that ended the status line of this very reply by a bare LF.
 */
export class BodyDecoder {
  /** The index up to which `read` has taken the chunk. */
  at = 0;
  /** The terminator was read, and no body begun since. */
  ended: boolean = true;
  #lenient: boolean = false;
  #place: Place = "lineStart";

  /** The next octets are the beginning of a body. */
  begin(lenient: boolean): void {
    this.ended = false;
    this.#lenient = lenient;
    // At the start of a line: an empty body is the terminator alone.
    this.#place = "lineStart";
  }

  /**
   * Reads on at `start`, to the terminator or the end of the chunk. Gives the content in these octets, un-stuffed: a slice
   * of the chunk, or a copy where octets had to be taken out. It may be empty.
   */
  read(chunk: Buffer, start: number): Uint8Array {
    if (this.#place === "lineStart" && chunk[start] !== DOT) this.#place = "text";
    if (this.#place !== "text") return this.#readSlowly(chunk, start);
    const found = this.#find(chunk, start);
    if (found < 0) {
      this.#place = this.#placeAtEnd(chunk, start);
      this.at = chunk.length;
      return start === 0 ? chunk : chunk.subarray(start);
    }
    const dot = found + (this.#lenient ? lfDot : crlfDot).length - 1;
    // A dot at the start of a line is nearly always the terminator.
    if (chunk[dot + 1] !== CR || chunk[dot + 2] !== LF) return this.#readSlowly(chunk, start);
    this.at = dot + 3;
    this.ended = true;
    return chunk.subarray(start, dot);
  }

  #readSlowly(chunk: Buffer, start: number): Uint8Array {
    const pieces: Uint8Array[] = [];
    const end = this.#cut(chunk, start, pieces);
    this.at = end < 0 ? chunk.length : end;
    this.ended = end >= 0;
    return pieces.length === 1 && pieces[0] !== undefined ? pieces[0] : Buffer.concat(pieces);
  }

  /** Adds slices to `pieces`. The index after the terminator, or -1 when the whole chunk was taken. */
  #cut(chunk: Buffer, start: number, pieces: Uint8Array[]): number {
    let from = start;
    let at = start;
    while (at < chunk.length) {
      switch (this.#place) {
        case "text": {
          const found = this.#find(chunk, at);
          if (found < 0) {
            this.#place = this.#placeAtEnd(chunk, at);
            at = chunk.length;
          } else {
            at = found + (this.#lenient ? lfDot : crlfDot).length;
            pieces.push(chunk.subarray(from, at - 1));
            from = at;
            this.#place = "dot";
          }
          break;
        }
        case "cr":
          if (chunk[at] === LF) this.#place = "lineStart";
          else if (chunk[at] !== CR) this.#place = "text";
          at++;
          break;
        case "lineStart":
          if (chunk[at] === DOT) {
            if (at > from) pieces.push(chunk.subarray(from, at));
            from = ++at;
            this.#place = "dot";
          } else {
            this.#place = "text";
          }
          break;
        case "dot":
          if (chunk[at] === CR) {
            at++;
            this.#place = "dotCr";
          } else if (chunk[at] === LF && this.#lenient) {
            return at + 1;
          } else {
            this.#place = "text";
          }
          break;
        case "dotCr":
          if (chunk[at] === LF) return at + 1;
          // The CR is content after all; when it came with the last chunk it is no longer at hand.
          if (from === at) pieces.push(held);
          this.#place = "cr";
          break;
      }
    }
    if (this.#place !== "dotCr" && at > from) pieces.push(chunk.subarray(from));
    return -1;
  }

  /** The next line end with a "." behind it. */
  #find(chunk: Buffer, from: number): number {
    return this.#lenient ? lfDotIn(chunk, from) : chunk.indexOf(crlfDot, from);
  }

  #placeAtEnd(chunk: Buffer, since: number): Place {
    const last = chunk.length - 1;
    if (chunk[last] === CR) return "cr";
    if (chunk[last] !== LF) return "text";
    return this.#lenient || (last > since && chunk[last - 1] === CR) ? "lineStart" : "text";
  }
}

/** Where LF "." stands. Most listings have no other "." than the terminator's, and one octet is soon found. */
function lfDotIn(chunk: Buffer, from: number): number {
  const dot = chunk.indexOf(DOT, from);
  return dot < 0 ? -1 : chunk.indexOf(lfDot, Math.max(dot - 1, from));
}
