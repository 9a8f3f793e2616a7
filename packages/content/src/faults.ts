/** No more faults are noted than this; there are fewer kinds of them. */
const MAX_FAULTS = 100;

/** Collects what is wrong with a message, and says each thing once. */
export class Faults {
  readonly #said = new Set<string>();

  /** Notes a fault, in plain words of at most a sentence. */
  note(fault: string): void {
    if (this.#said.size < MAX_FAULTS) this.#said.add(fault);
  }

  list(): readonly string[] {
    return [...this.#said];
  }
}
