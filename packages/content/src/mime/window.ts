const NOTHING = Buffer.alloc(0);

/** The octets of a message that have arrived and are needed still. */
export class Window {
  #octets: Buffer = NOTHING;
  /** What has arrived after them. */
  #waiting: Buffer[] = [];
  #waitingLength = 0;

  get octets(): Buffer {
    return this.#octets;
  }

  add(octets: Buffer): void {
    this.#waiting.push(octets);
    this.#waitingLength += octets.length;
  }

  /** Whether as much has arrived as is left after `done` octets: copying both then takes time in proportion to the octets. */
  isDue(done: number): boolean {
    return this.#waitingLength > 0 && this.#waitingLength >= this.#octets.length - done;
  }

  /** Forgets `done` octets and puts those that have arrived after the others. */
  fill(done: number): void {
    const rest = this.#octets.subarray(done);
    const [only] = this.#waiting;
    this.#octets =
      rest.length === 0 && only !== undefined && this.#waiting.length === 1
        ? only
        : Buffer.concat([rest, ...this.#waiting]);
    this.#waiting = [];
    this.#waitingLength = 0;
  }
}
