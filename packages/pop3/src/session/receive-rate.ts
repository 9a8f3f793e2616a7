/** What a {@link ReceiveRate} asks for. */
export interface ReceiveRateOptions {
  /** How long the server is waited for before its rate counts. */
  readonly rateMs: number;
  /** Octets a second that must come at least. */
  readonly leastRate: number;
}

/**
 * How fast multi-line replies come. A limit on silence is not enough: a server that sends one octet a second is never
 * silent, and could hold a session for years.
 *
 * Only the time counts in which the client waited for octets. So a consumer that takes its time does not make the server
 * slow, nor does a server that looks for a message before it sends the first octet. The time is added up over many
 * replies, because otherwise each message would begin anew.
 */
export class ReceiveRate {
  readonly #options: ReceiveRateOptions;
  #waitedMs = 0;
  /** Octets of all replies when the time was counted from 0 on. */
  #octets = 0;
  /** The reply that was waited for last, and how long it was waited for in all. */
  #reply = -1;
  #replyMs = 0;

  constructor(options: ReceiveRateOptions) {
    this.#options = options;
  }

  /** How long the reply that was waited for last has been waited for, in ms. */
  get replyMs(): number {
    return this.#replyMs;
  }

  /**
   * Adds a wait of so many ms for octets of this reply, which is named by its number; `octets` are those of all replies so
   * far. Returns false if they come too slowly.
   */
  addWait(reply: number, ms: number, octets: number): boolean {
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
