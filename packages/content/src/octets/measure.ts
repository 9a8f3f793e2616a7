import { createHash, type Hash } from "node:crypto";

/** How many octets there are, and their SHA-256. */
export interface Measure {
  readonly octets: number;
  /** 32 octets. */
  readonly sha256: Uint8Array;
}

/** Measures octets as they come. */
export class Measuring {
  readonly #hash: Hash = createHash("sha256");
  #octets = 0;

  add(octets: Uint8Array): void {
    this.#octets += octets.length;
    this.#hash.update(octets);
  }

  end(): Measure {
    return { octets: this.#octets, sha256: this.#hash.digest() };
  }
}

export function measureOf(octets: Uint8Array): Measure {
  const measuring = new Measuring();
  measuring.add(octets);
  return measuring.end();
}
