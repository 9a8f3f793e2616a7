import type { Capabilities } from "@mailonce/pop3";

/** After so long the server is asked again: what it offers since then would not be noticed otherwise. */
const KEPT_MS = 3_600_000;

/**
 * What the server of one account offered before the login of an earlier session, with the same security: the next session
 * need not ask for it. Make one for each account, in a process that stays.
 */
export class KnownOffer {
  readonly #now: () => number;
  #offered: Capabilities | null = null;
  #asked = 0;

  /** @param now milliseconds of a clock that is never set */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** For the next session; undefined: it has to ask. */
  get capabilities(): Capabilities | undefined {
    if (this.#offered === null || this.#now() - this.#asked >= KEPT_MS) return undefined;
    return this.#offered;
  }

  /** A login has worked in a session whose server offered this; null: it has no CAPA. */
  learn(offered: Capabilities | null): void {
    if (offered === this.#offered) return;
    this.#offered = offered;
    this.#asked = this.#now();
  }

  /** A login or a session has failed, and what was known may be the reason. */
  forget(): void {
    this.#offered = null;
  }
}
