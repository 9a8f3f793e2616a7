import { latin1 } from "../message/octets.ts";

/**
 * What was tried in vain by runs that are one fetch to whoever asked for it: a message that breaks three sessions of one
 * fetch has failed once, and is tried again at the next fetch (rule 20). Give the same to all runs of a fetch; it is
 * forgotten with them.
 */
export class Attempts {
  /** Failed attempts by the ledger's key, with the one of this fetch. */
  readonly #counted = new Map<string, number>();
  readonly #retried = new Set<string>();

  /**
   * The failed attempts that a row stands for from now on which stood for `before`: one more, but only once. May be
   * asked again where a transaction is.
   */
  count(identity: Uint8Array, before: number): number {
    const key = latin1(identity);
    // There are fewer again where a person has told it to be tried, and more where another fetch was there too.
    const attempts = Math.max(before, Math.min(this.#counted.get(key) ?? before + 1, before + 1));
    this.#counted.set(key, attempts);
    return attempts;
  }

  /** What failed before has had its turn in this fetch. */
  noteRetry(identity: Uint8Array): void {
    this.#retried.add(latin1(identity));
  }

  wasRetried(identity: Uint8Array): boolean {
    return this.#retried.has(latin1(identity));
  }
}
