import { AsyncLocalStorage } from "node:async_hooks";
import { MailonceError } from "@mailonce/core";

/** Runs one piece of work after the other, in the order of the calls. */
export class Mutex {
  #last: Promise<void> = Promise.resolve();
  readonly #holder = new AsyncLocalStorage<{ active: boolean }>();

  /**
   * Runs `work` when all earlier work is done.
   *
   * @throws MailonceError (`store-misused`) if called by work that runs in this mutex: it would wait for itself.
   */
  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#holder.getStore()?.active) {
      throw new MailonceError(
        "store-misused",
        "The store was called from within one of its own transactions.",
      );
    }
    const before = this.#last;
    const holding = { active: true };
    const { promise, resolve } = withResolvers();
    this.#last = promise;
    try {
      await before;
      return await this.#holder.run(holding, work);
    } finally {
      holding.active = false;
      resolve();
    }
  }
}

/** `Promise.withResolvers` is missing in Node 20. */
function withResolvers(): { readonly promise: Promise<void>; readonly resolve: () => void } {
  let resolve: () => void = () => {};
  const promise = new Promise<void>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}
