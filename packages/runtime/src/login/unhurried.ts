/** After each piece of work it rests for so many times as long as that took: it takes a tenth of a processor at most. */
const REST = 9;

/** Does slow work, one piece after another with rests in between, so that all else that the process does goes on. */
export class Unhurried {
  readonly #waiting = new Map<string, () => Promise<void>>();
  #underWay: { readonly name: string; readonly ended: Promise<void> } | null = null;
  #isResting = false;

  /** Does the work when its turn comes. It takes the place of work of this name that waits, and must not throw. */
  add(name: string, work: () => Promise<void>): void {
    this.#waiting.set(name, work);
    this.#next();
  }

  /** Resolves when no work of this name is left: what waits is done at once. */
  async hurry(name: string): Promise<void> {
    if (this.#underWay?.name === name) await this.#underWay.ended;
    const work = this.#waiting.get(name);
    if (work === undefined) return;
    this.#waiting.delete(name);
    await work();
  }

  #next(): void {
    if (this.#underWay !== null || this.#isResting) return;
    const [first] = this.#waiting;
    if (first === undefined) return;
    const [name, work] = first;
    this.#waiting.delete(name);
    const began = performance.now();
    const ended = work().finally(() => {
      this.#underWay = null;
      this.#rest(REST * (performance.now() - began));
    });
    this.#underWay = { name, ended };
  }

  #rest(ms: number): void {
    this.#isResting = true;
    const timer = setTimeout(() => {
      this.#isResting = false;
      this.#next();
    }, ms);
    // What waits keeps no process alive.
    timer.unref();
  }
}
