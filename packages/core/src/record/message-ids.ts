import { randomFillSync } from "node:crypto";
import { v7 } from "uuid";

/** Random octets of one id, and for how many ids they are drawn at once: drawing takes longer than all the rest. */
const ID_OCTETS = 16;
const IDS_A_DRAW = 256;

/** Random octets for the ids of all runs of this process: most runs make a few ids only. */
const pool = new Uint8Array(ID_OCTETS * IDS_A_DRAW);
let drawn = IDS_A_DRAW;

/** Makes UUIDv7s (RFC 9562 section 5.7), each greater than the one before, even if the clock is set back. */
export class MessageIds {
  #msecs = 0;
  #seq = 0;

  next(now: Date): string {
    if (drawn === IDS_A_DRAW) {
      randomFillSync(pool);
      drawn = 0;
    }
    const from = ID_OCTETS * drawn++;
    const random = pool.subarray(from, from + ID_OCTETS);
    if (now.getTime() > this.#msecs) {
      this.#msecs = now.getTime();
      // In each new millisecond the sequence of 32 bits begins at a random number of 31 bits, with room to count on.
      this.#seq = new DataView(random.buffer, from).getUint32(0) >>> 1;
    } else this.#seq++;
    return v7({ msecs: this.#msecs, seq: this.#seq, random });
  }
}
