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
  readonly #lenient: boolean;
  // The body begins at the start of a line: an empty one is the terminator alone.
  #place: Place = "lineStart";

  constructor(lenient: boolean) {
    this.#lenient = lenient;
  }

  /**
   * Reads on at `start` and adds slices of `chunk`, un-stuffed, to `pieces`. The index after the terminator, or
   * -1 when the whole chunk was taken and the reply goes on.
   */
  feed(chunk: Buffer, start: number, pieces: Uint8Array[]): number {
    let from = start;
    let at = start;
    while (at < chunk.length) {
      switch (this.#place) {
        case "text": {
          const found = this.#lenient ? lfDotIn(chunk, at) : chunk.indexOf(crlfDot, at);
          if (found < 0) {
            this.#place = this.#placeAtEnd(chunk, at);
            at = chunk.length;
          } else {
            at = found + (this.#lenient ? lfDot : crlfDot).length;
            pieces.push(chunk.subarray(from, at - 1));
            // The end of most messages, without the steps below.
            if (chunk[at] === CR && chunk[at + 1] === LF) return at + 2;
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
