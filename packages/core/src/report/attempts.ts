import { latin1 } from "../message/octets.ts";

/**
 * The failed attempts of one fetch. To its user several runs may be one fetch: a message that breaks three of its
 * sessions has failed once, and is tried again at the next fetch (rule 20). Give one object to all runs of a fetch.
 */
export class Attempts {
  /** By the key of each message that failed, the number of its failed attempts, that of this fetch included. */
  readonly #counted = new Map<string, number>();
  readonly #retried = new Set<string>();

  /**
   * Counts a failure. Takes the failed attempts that the message's row has, and gives those that it is to have: one more,
   * but only once in this fetch. May be called again when a transaction is repeated.
   */
  count(identity: Uint8Array, before: number): number {
    const key = latin1(identity);
    // The row has fewer than were counted if a person asked for a retry meanwhile, and more if another fetch failed too.
    const attempts = Math.max(before, Math.min(this.#counted.get(key) ?? before + 1, before + 1));
    this.#counted.set(key, attempts);
    return attempts;
  }

  /** Notes that a message which failed before was tried in this fetch. */
  noteRetry(identity: Uint8Array): void {
    this.#retried.add(latin1(identity));
  }

  /** True if {@link noteRetry} was called for the message. */
  wasRetried(identity: Uint8Array): boolean {
    return this.#retried.has(latin1(identity));
  }
}
