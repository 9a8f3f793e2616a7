/** A database that has not answered by then is taken not to be there. */
const DATABASE_MS = 3000;

/** Asks a store questions that may stay unanswered: whoever asks is not kept waiting by a database that hangs. */
export class AnswersInTime<Store> {
  readonly #store: Store;
  /** The questions that are not answered yet, by their names. */
  readonly #asked = new Map<string, Promise<unknown>>();

  constructor(store: Store) {
    this.#store = store;
  }

  /**
   * What the store answers; null if it fails or does not answer in time. Whoever asks under the same name meanwhile gets the
   * same answer; a question without a name (null) is always asked. Does not throw.
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
