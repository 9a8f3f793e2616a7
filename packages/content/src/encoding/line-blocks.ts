import { LF } from "../octets/octets.ts";

/** A longer line is cut. */
export const LONGEST_LINE = 65_536;

/**
 * Cuts octets that arrive in pieces into blocks of whole lines. A line that is too long is cut by its own length, so that the
 * lines are the same wherever the pieces are cut.
 */
export class LineBlocks {
  /** The beginning of a line whose end has not arrived. */
  #held: Buffer[] = [];
  #length = 0;

  /** @param octets no more than the longest line */
  add(octets: Buffer): Buffer[] {
    const blocks: Buffer[] = [];
    let rest = octets;
    for (;;) {
      const first = rest.indexOf(LF);
      const room = LONGEST_LINE - this.#length;
      if ((first < 0 ? rest.length : first) < room) break;
      blocks.push(this.#release(rest.subarray(0, room)));
      rest = rest.subarray(room);
    }
    const end = rest.lastIndexOf(LF) + 1;
    if (end > 0) blocks.push(this.#release(rest.subarray(0, end)));
    if (end < rest.length) {
      this.#held.push(rest.subarray(end));
      this.#length += rest.length - end;
    }
    return blocks;
  }

  /** The last line, if it has no line end. */
  end(): Buffer[] {
    return this.#length > 0 ? [this.#release(Buffer.alloc(0))] : [];
  }

  #release(end: Buffer): Buffer {
    const block = this.#held.length === 0 ? end : Buffer.concat([...this.#held, end]);
    this.#held = [];
    this.#length = 0;
    return block;
  }
}
