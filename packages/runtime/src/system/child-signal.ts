/**
 * A signal that follows a long-lived one until it is disposed of. What is made of it (`AbortSignal.any`, listeners) goes
 * with it, and does not gather at the long-lived one.
 */
export class ChildSignal implements Disposable {
  readonly #parent: AbortSignal;
  readonly #controller = new AbortController();
  readonly #follow = (): void => this.#controller.abort(this.#parent.reason);

  constructor(parent: AbortSignal) {
    this.#parent = parent;
    if (parent.aborted) this.#follow();
    else parent.addEventListener("abort", this.#follow);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  [Symbol.dispose](): void {
    this.#parent.removeEventListener("abort", this.#follow);
  }
}
