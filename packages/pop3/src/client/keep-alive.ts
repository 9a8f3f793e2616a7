import { InvalidArgumentError } from "../errors/usage.ts";
import { longestMs } from "../options/options.ts";
import type { Session } from "../session/session.ts";

/** Asks for nothing from time to time, so that the server does not log a quiet session out. */
export class KeepAlive implements Disposable {
  readonly #timer: NodeJS.Timeout;

  /** Throws InvalidArgumentError. */
  constructor(session: Session, everyMs: number, noop: () => Promise<void>) {
    if (typeof everyMs !== "number" || !(everyMs >= 1))
      throw new InvalidArgumentError("keepAlive: not a time in ms: allowed is a number from 1 on");
    const tick = (): void => {
      // What a NOOP fails with, the next call is told.
      if (session.quietFor(everyMs / 2 - 1)) noop().catch(() => undefined);
    };
    this.#timer = setInterval(tick, Math.min(everyMs / 2, longestMs)).unref();
    // A timer keeps all that it can reach: the session, its socket, the memory that it reads into.
    session.endWith(this);
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }
}
