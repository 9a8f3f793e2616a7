import { headerEnd, MAX_HEADER_OCTETS } from "@mailonce/core";

/** Keeps the header block of a message whose pieces go by. */
export class HeaderBeginning {
  readonly #pieces: Uint8Array[] = [];
  #octets = 0;

  /** Gives the same pieces. */
  async *passing(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const piece of pieces) {
      if (this.#octets < MAX_HEADER_OCTETS) this.#pieces.push(piece);
      this.#octets += piece.length;
      yield piece;
    }
  }

  /** The block, as far as headers are looked at. */
  get block(): Uint8Array {
    const [first = new Uint8Array(0)] = this.#pieces;
    const beginning = this.#pieces.length > 1 ? Buffer.concat(this.#pieces) : first;
    return beginning.subarray(0, Math.min(headerEnd(beginning), MAX_HEADER_OCTETS));
  }
}
