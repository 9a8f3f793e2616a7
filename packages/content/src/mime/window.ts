import { Pieces } from "../octets/pieces.ts";

/** The octets of a message that have arrived and are needed still. */
export class Window {
  #octets: Buffer = Buffer.alloc(0);
  /** What has arrived after them. */
  readonly #waiting = new Pieces();

  get octets(): Buffer {
    return this.#octets;
  }

  add(octets: Buffer): void {
    if (octets.length > 0) this.#waiting.add(octets);
  }

  /** Whether as much has arrived as is left after `done` octets: copying both then takes time in proportion to the octets. */
  isDue(done: number): boolean {
    return this.#waiting.length > 0 && this.#waiting.length >= this.#octets.length - done;
  }

  /** Forgets `done` octets and puts those that have arrived after the others. */
  fill(done: number): void {
    const rest = this.#octets.subarray(done);
    const arrived = this.#waiting.joined();
    this.#octets = rest.length === 0 ? arrived : Buffer.concat([rest, arrived]);
    this.#waiting.clear();
  }
}
