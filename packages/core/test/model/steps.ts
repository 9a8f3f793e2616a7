/** Decides which of two runs on one maildrop takes the next step. */
export interface Turns {
  turn(steps: Steps): Promise<void>;
  ended(steps: Steps): void;
}

/**
 * The steps of one run; there is one before and after each command and each transaction. At one of them the process may
 * die: from then on nothing for which the run waits happens, and nothing that it does has an effect.
 */
export class Steps {
  count = 0;
  crashed = false;
  /** What else happens, by the number of the step. */
  readonly #at: ReadonlyMap<number, () => void>;
  readonly #crashAt: number | null;
  readonly #turns: Turns | null;
  readonly #onCrash: () => void;

  constructor(options: {
    readonly at: ReadonlyMap<number, () => void>;
    readonly crashAt: number | null;
    readonly turns: Turns | null;
    readonly onCrash: () => void;
  }) {
    this.#at = options.at;
    this.#crashAt = options.crashAt;
    this.#turns = options.turns;
    this.#onCrash = options.onCrash;
  }

  async step(): Promise<void> {
    if (this.crashed) return forEver();
    this.count++;
    if (this.count > MAX_STEPS) throw new Unbounded();
    this.#at.get(this.count)?.();
    if (this.count === this.#crashAt) return this.crash();
    if (this.#turns !== null) await this.#turns.turn(this);
  }

  /** Lets the process die. */
  crash(): Promise<never> {
    this.crashed = true;
    this.#onCrash();
    return forEver();
  }
}

const MAX_STEPS = 5000;

/** A run that takes too many steps, as if it never ended. */
export class Unbounded extends Error {}

/** A promise that is never resolved. It is a new one each time: a shared one would keep all who wait for it in memory. */
function forEver(): Promise<never> {
  return new Promise<never>(() => {});
}

/** Orders the steps of two runs by a seed. */
export class SeededTurns implements Turns {
  readonly #live: Steps[] = [];
  readonly #waiting: { readonly steps: Steps; readonly go: () => void }[] = [];
  #state: number;
  #ahead: number;

  constructor(seed: number, ahead: number) {
    this.#state = (seed + 1) >>> 0;
    this.#ahead = ahead;
  }

  add(steps: Steps): void {
    this.#live.push(steps);
  }

  turn(steps: Steps): Promise<void> {
    return new Promise((go) => {
      this.#waiting.push({ steps, go });
      this.#next();
    });
  }

  ended(steps: Steps): void {
    const at = this.#live.indexOf(steps);
    if (at >= 0) this.#live.splice(at, 1);
    this.#next();
  }

  /** Lets one run take a step, once all live runs wait: before that the choice would depend on their speed. */
  #next(): void {
    if (this.#live.length === 0 || this.#live.some((steps) => !this.#isWaiting(steps))) return;
    const steps = this.#ahead-- > 0 ? this.#live[0] : this.#live[this.#random(this.#live.length)];
    const at = this.#waiting.findIndex((one) => one.steps === steps);
    this.#waiting.splice(at, 1)[0]?.go();
  }

  #isWaiting(steps: Steps): boolean {
    return this.#waiting.some((one) => one.steps === steps);
  }

  /** A number from 0 to below `below`, by the generator Mulberry32. */
  #random(below: number): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let t = this.#state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) % below;
  }
}
