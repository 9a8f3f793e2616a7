import type { Store } from "@mailonce/runtime";

/** A database that has not answered by then is not there. */
const DATABASE_MS = 3000;

/** Asks the database what need not be known at any price: who asks is not kept waiting by one that hangs. */
export class DatabaseLook {
  readonly #store: Store;
  /** Questions that may be answered in time yet. */
  readonly #asked = new Map<string, Promise<unknown>>();

  constructor(store: Store) {
    this.#store = store;
  }

  /**
   * What the database says, null if it fails or does not answer soon. Who asks under the same name meanwhile gets the same
   * answer.
   */
  async ask<T>(name: string | null, question: (store: Store) => Promise<T>): Promise<T | null> {
    if (name === null) return this.#soon(question);
    const asked = (this.#asked.get(name) as Promise<T | null> | undefined) ?? this.#soon(question);
    this.#asked.set(name, asked);
    const answer = await asked;
    if (this.#asked.get(name) === asked) this.#asked.delete(name);
    return answer;
  }

  async #soon<T>(question: (store: Store) => Promise<T>): Promise<T | null> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<null>((resolve) => {
      timer = setTimeout(() => resolve(null), DATABASE_MS);
    });
    try {
      return await Promise.race([question(this.#store), late]);
    } catch {
      return null;
    } finally {
      clearTimeout(timer);
    }
  }
}
