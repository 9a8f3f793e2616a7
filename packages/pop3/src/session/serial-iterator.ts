/** What a step gives: the next item, or the end. */
export type Step<Item> = IteratorResult<Item, undefined>;

/** What every step after the last item gives. */
export const end = { done: true, value: undefined } as const;

/**
 * An async iterator whose steps run one after another, even if `next` is called again before it has resolved. It is left
 * exactly once: after its last item, after an error, or early.
 *
 * It takes the place of an async generator, which makes half a dozen promises for each item: with thousands of small
 * messages in a chunk these cost more than all the rest. Here an item that has arrived costs one promise.
 */
export abstract class SerialIterator<Item> implements AsyncIterableIterator<Item, undefined> {
  #running: Promise<Step<Item>> | null = null;
  #left: boolean = false;

  /** Gives the next item, or `end`: without a promise where it has arrived already. */
  protected abstract step(): Step<Item> | Promise<Step<Item>>;

  /** Puts the session in order after the iteration. Called once. */
  protected abstract leave(): Promise<void>;

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<Step<Item>> {
    if (this.#running !== null || this.#left) return this.#later();
    try {
      const given = this.step();
      if (!(given instanceof Promise) && given.done !== true) return Promise.resolve(given);
      return this.#run(given);
    } catch (error) {
      return this.#run(Promise.reject(error));
    }
  }

  async return(): Promise<Step<Item>> {
    await this.#running?.catch(() => undefined);
    await this.#leave();
    return end;
  }

  async #later(): Promise<Step<Item>> {
    const again = (): Promise<Step<Item>> => this.next();
    return this.#running === null ? end : this.#running.then(again, again);
  }

  #run(given: Step<Item> | Promise<Step<Item>>): Promise<Step<Item>> {
    this.#running = this.#finished(given).finally(() => {
      this.#running = null;
    });
    return this.#running;
  }

  async #finished(given: Step<Item> | Promise<Step<Item>>): Promise<Step<Item>> {
    try {
      const result = await given;
      if (result.done === true) await this.#leave();
      return result;
    } catch (error) {
      await this.#leave();
      throw error;
    }
  }

  async #leave(): Promise<void> {
    if (this.#left) return;
    this.#left = true;
    await this.leave();
  }
}
