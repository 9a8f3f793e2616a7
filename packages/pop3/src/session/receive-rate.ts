/** What a {@link Pace} asks for. */
export interface PaceOptions {
  /** Over so long a wait the least rate must be kept. */
  readonly rateMs: number;
  /** Octets a second. */
  readonly leastRate: number;
}

/**
 * How fast multi-line replies come. Silence alone is no measure: a server that sends one octet a second is never silent,
 * and holds a session for years.
 *
 * What counts is the time in which the client waited for octets. A consumer that takes its time, and a server that
 * looks for a message before it sends the first octet, are not slow. The measure goes on over many replies, or each
 * message could begin anew.
 */
export class Pace {
  readonly #options: PaceOptions;
  #waitedMs = 0;
  /** Octets that had come when the measure began. */
  #octets = 0;
  /** The reply that was waited for last, and how long in all. */
  #reply = -1;
  #replyMs = 0;

  constructor(options: PaceOptions) {
    this.#options = options;
  }

  /** How long the reply that was waited for last has been waited for, in ms. */
  get replyMs(): number {
    return this.#replyMs;
  }

  /**
   * After a wait of so many ms for octets of this reply. `octets`: of all replies. False: they come too slowly.
   */
  waited(reply: number, ms: number, octets: number): boolean {
    const isFirst = reply !== this.#reply;
    this.#reply = reply;
    this.#replyMs = isFirst ? ms : this.#replyMs + ms;
    if (!isFirst) this.#waitedMs += ms;
    const { rateMs, leastRate } = this.#options;
    if (octets - this.#octets >= (leastRate * rateMs) / 1000) {
      this.#octets = octets;
      this.#waitedMs = 0;
    }
    return this.#waitedMs < rateMs;
  }
}
