const CR = 0x0d;
const LF = 0x0a;
const DOT = 0x2e;

const held = Buffer.from("\r");
const crlfDot = Buffer.from("\r\n.");
const lfDot = Buffer.from("\n.");

/**
 * From this number of pieces on, a chunk is copied: a mail of dots must not turn into a million small slices.
 */
const piecesToCopy = 16;

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
  readonly #needle: Buffer;
  // The body begins at the start of a line: an empty one is the terminator alone.
  #place: Place = "lineStart";

  constructor(lenient: boolean) {
    this.#lenient = lenient;
    this.#needle = lenient ? lfDot : crlfDot;
  }

  /**
   * Reads on at `start`. `pieces` are slices of `chunk`, un-stuffed. `end` is the index after the terminator,
   * or -1 when the whole chunk was taken and the reply goes on.
   */
  feed(chunk: Buffer, start: number): { readonly pieces: readonly Uint8Array[]; readonly end: number } {
    const pieces: Buffer[] = [];
    let from = start;
    const take = (to: number): void => {
      if (to > from) pieces.push(chunk.subarray(from, to));
    };
    let end = -1;
    let at = start;
    while (end < 0 && at < chunk.length) {
      const octet = chunk[at];
      switch (this.#place) {
        case "text": {
          const found = chunk.indexOf(this.#needle, at);
          if (found < 0) {
            this.#place = this.#placeAtEnd(chunk, at);
            at = chunk.length;
          } else {
            at = found + this.#needle.length;
            take(at - 1);
            from = at;
            this.#place = "dot";
          }
          break;
        }
        case "cr":
          if (octet === LF) this.#place = "lineStart";
          else if (octet !== CR) this.#place = "text";
          at++;
          break;
        case "lineStart":
          if (octet === DOT) {
            take(at);
            from = ++at;
            this.#place = "dot";
          } else {
            this.#place = "text";
          }
          break;
        case "dot":
          if (octet === CR) {
            at++;
            this.#place = "dotCr";
          } else if (octet === LF && this.#lenient) {
            end = at + 1;
          } else {
            this.#place = "text";
          }
          break;
        case "dotCr":
          if (octet === LF) {
            end = at + 1;
          } else {
            // The CR is content after all; when it came with the last chunk it is no longer at hand.
            if (from === at) pieces.push(held);
            this.#place = "cr";
          }
          break;
      }
    }
    if (end < 0 && this.#place !== "dotCr") take(chunk.length);
    return { pieces: pieces.length < piecesToCopy ? pieces : [Buffer.concat(pieces)], end };
  }

  #placeAtEnd(chunk: Buffer, since: number): Place {
    const last = chunk.length - 1;
    if (chunk[last] === CR) return "cr";
    if (chunk[last] !== LF) return "text";
    return this.#lenient || (last > since && chunk[last - 1] === CR) ? "lineStart" : "text";
  }
}
