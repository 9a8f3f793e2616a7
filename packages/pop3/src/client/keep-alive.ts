import { InvalidArgumentError } from "../errors/usage.ts";
import { longestMs } from "../options/connect-options.ts";
import type { Session } from "../session/pop3-session.ts";

/** Sends NOOP when the session is quiet, so that the server does not log it out. */
export class KeepAlive implements Disposable {
  readonly #timer: NodeJS.Timeout;

  /** Throws InvalidArgumentError unless the time is a number from 1 on. */
  constructor(session: Session, everyMs: number, noop: () => Promise<void>) {
    if (typeof everyMs !== "number" || !(everyMs >= 1))
      throw new InvalidArgumentError("keepAlive: not a time in ms: allowed is a number from 1 on");
    const tick = (): void => {
      // If it fails, the session has ended by that error, and the next call is told.
      if (session.quietFor(everyMs / 2 - 1)) noop().catch(() => undefined);
    };
    this.#timer = setInterval(tick, Math.min(everyMs / 2, longestMs)).unref();
    // Ended with the session: a timer keeps the session in memory, its socket, and what that reads into.
    session.endWith(this);
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }
}
