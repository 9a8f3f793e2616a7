import { randomFillSync } from "node:crypto";
import { v7 } from "uuid";

/** Random octets of one id, and for how many ids they are drawn at once: drawing takes longer than all the rest. */
const ID_OCTETS = 16;
const IDS_A_DRAW = 256;

/** Makes UUIDv7s (RFC 9562 section 5.7), each greater than the one before, even if the clock is set back. */
export class MessageIds {
  readonly #random = new Uint8Array(ID_OCTETS * IDS_A_DRAW);
  #drawn = IDS_A_DRAW;
  #msecs = 0;
  #seq = 0;

  next(now: Date): string {
    if (this.#drawn === IDS_A_DRAW) {
      randomFillSync(this.#random);
      this.#drawn = 0;
    }
    const from = ID_OCTETS * this.#drawn++;
    const random = this.#random.subarray(from, from + ID_OCTETS);
    if (now.getTime() > this.#msecs) {
      this.#msecs = now.getTime();
      // In each new millisecond the sequence of 32 bits begins at a random number of 31 bits, with room to count on.
      this.#seq = new DataView(random.buffer, from).getUint32(0) >>> 1;
    } else this.#seq++;
    return v7({ msecs: this.#msecs, seq: this.#seq, random });
  }
}
