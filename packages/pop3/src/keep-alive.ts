import { InvalidArgumentError } from "./errors/usage.ts";
import { longestMs } from "./options.ts";
import type { Session } from "./session.ts";

/** Asks for nothing from time to time, so that the server does not log a quiet session out. */
export class KeepAlive implements Disposable {
  readonly #timer: NodeJS.Timeout;

  /** Throws InvalidArgumentError. */
  constructor(session: Session, everyMs: number, noop: () => Promise<void>) {
    if (!(everyMs >= 1)) throw new InvalidArgumentError("keepAlive: not a time in ms");
    const tick = (): void => {
      if (!session.usable) clearInterval(this.#timer);
      // What a NOOP fails with, the next call is told.
      else if (session.quietFor(everyMs / 2 - 1)) noop().catch(() => undefined);
    };
    this.#timer = setInterval(tick, Math.min(everyMs / 2, longestMs)).unref();
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }
}
