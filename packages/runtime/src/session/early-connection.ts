import type { Pop3Client } from "@mailonce/pop3";

/** It is held at most so long for the run: a server has other use for its places than clients that do not log in. */
const HELD_MS = 5000;

/**
 * A connection that is made before the run that needs it, while the database is opened; nobody is logged in by it. The
 * first session takes it, and gets the error if it could not be made. Close it when the run has ended: what was not taken
 * does not stay open.
 */
export class EarlyConnection {
  readonly #ended = new AbortController();
  readonly #client: Promise<Pop3Client>;
  readonly #until: number;
  readonly #timer: NodeJS.Timeout;
  #isOver = false;

  /**
   * @param connect connects without logging in, and ends the connection when the signal is aborted
   * @param limitMs the shortest time limit of connecting. It goes on where the program is busy and cannot see what the
   *   server sends, so that a connection which waits for longer than half of it is not believed, but made anew.
   */
  constructor(connect: (signal: AbortSignal) => Promise<Pop3Client>, limitMs: number) {
    const heldMs = Math.min(HELD_MS, limitMs / 2);
    this.#until = performance.now() + heldMs;
    this.#timer = setTimeout(() => this.close(), heldMs).unref();
    this.#client = connect(this.#ended.signal);
    // Whoever takes it gets the error.
    this.#client.catch(() => undefined);
  }

  /**
   * Hands the connection over, once; null if there is none any more, so that one has to be made.
   * @param signal ends it from now on
   * @throws why it could not be made
   */
  async take(signal: AbortSignal | undefined): Promise<Pop3Client | null> {
    if (performance.now() > this.#until) this.close();
    if (this.#isOver) return null;
    this.#isOver = true;
    clearTimeout(this.#timer);
    const end = (): void => this.#ended.abort(signal?.reason);
    if (signal?.aborted === true) end();
    signal?.addEventListener("abort", end, { once: true });
    const client = await this.#client;
    return client.usable ? client : null;
  }

  /** Ends the connection, unless it was taken. */
  close(): void {
    clearTimeout(this.#timer);
    if (!this.#isOver) this.#ended.abort();
    this.#isOver = true;
  }
}
