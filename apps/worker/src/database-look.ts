import type { Store } from "@mailonce/runtime";

/** A database that has not answered by then is not there. */
const DATABASE_MS = 3000;

/** Asks the database what need not be known at any price: who asks is not kept waiting by one that hangs. */
export class DatabaseLook {
  readonly #store: Store;
  /** Questions under way: while a database hangs, nobody asks the same again. */
  readonly #asked = new Map<string, Promise<unknown>>();

  constructor(store: Store) {
    this.#store = store;
  }

  /**
   * What the database says, null if it fails or does not answer soon. Of one name there is one question at a time: who asks
   * meanwhile gets the same answer.
   */
  async ask<T>(name: string | null, question: (store: Store) => Promise<T>): Promise<T | null> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<null>((resolve) => {
      timer = setTimeout(() => resolve(null), DATABASE_MS);
    });
    try {
      return await Promise.race([this.#question(name, question), late]);
    } catch {
      return null;
    } finally {
      clearTimeout(timer);
    }
  }

  #question<T>(name: string | null, question: (store: Store) => Promise<T>): Promise<T> {
    if (name === null) return question(this.#store);
    const asked = (this.#asked.get(name) as Promise<T> | undefined) ?? question(this.#store);
    this.#asked.set(name, asked);
    const forget = (): void => {
      if (this.#asked.get(name) === asked) this.#asked.delete(name);
    };
    asked.then(forget, forget);
    return asked;
  }
}
