/** More kinds of fault than these has no mail. */
const MAX_FAULTS = 100;

/** What was wrong with a message, each thing said once. */
export class Faults {
  readonly #said = new Set<string>();

  /** Notes a fault: a sentence's worth of plain words. */
  note(fault: string): void {
    if (this.#said.size < MAX_FAULTS) this.#said.add(fault);
  }

  list(): readonly string[] {
    return [...this.#said];
  }
}
