/**
 * A signal that is aborted with another one, or after so many milliseconds, until it is disposed of. AbortSignal.timeout
 * would not do: Node 20 collects it as garbage before it fires if only AbortSignal.any refers to it.
 */
export class TimeLimit implements Disposable {
  readonly signal: AbortSignal;
  readonly #timer: NodeJS.Timeout;

  constructor(ms: number, parent: AbortSignal) {
    const late = new AbortController();
    this.#timer = setTimeout(() => late.abort(new Error("it took too long")), ms);
    this.signal = AbortSignal.any([parent, late.signal]);
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
  }
}
