import { failureOf } from "@mailonce/runtime";
import type { Logger } from "../log/log.ts";

/** Does what changes the accounts: one piece of work after another, so that no two see each other's half. */
export class Changes {
  readonly #log: Logger;
  #last: Promise<void> = Promise.resolve();
  #isOver = false;

  constructor(log: Logger) {
    this.#log = log;
  }

  /** Does this after all that came before, unless `end` was called by then. A failure is told in the log. */
  do(work: () => Promise<void>): void {
    this.#last = this.#last
      .then(() => (this.#isOver ? undefined : work()))
      .catch((error) => this.#log.warn({ code: failureOf(error).code }, failureOf(error).message));
  }

  /** Begins nothing more. Resolves when what is under way has ended. */
  end(): Promise<void> {
    this.#isOver = true;
    return this.#last;
  }
}
