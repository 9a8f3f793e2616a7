import { ClockWatch, type HangWatch, type PauseWatch, type Peers } from "@mailonce/runtime/service";
import type { ServedAccounts } from "../accounts/served-accounts.ts";
import type { HookLog } from "../log/hook-log.ts";
import type { Logger } from "../log/log.ts";
import { HANGING, pauseInWords } from "../text/words.ts";
import type { Changes } from "./changes.ts";

/** How often the database is asked for accounts that were added, removed, paused or resumed. */
const ROUND_MS = 3000;

/** What {@link Rounds} look after. */
export interface RoundsParts {
  readonly changes: Changes;
  readonly served: ServedAccounts;
  readonly pauses: PauseWatch;
  readonly peers: Peers;
  readonly hooks: HookLog;
  readonly hang: HangWatch;
  readonly log: Logger;
}

/** Looks every few seconds at all that may have changed by itself: the database, the other workers, the clock, the queue. */
export class Rounds implements Disposable {
  readonly #parts: RoundsParts;
  readonly #clock = new ClockWatch();
  readonly #timer = setInterval(() => this.#look(), ROUND_MS);
  /** True while the database is being asked: a slow one is not asked again meanwhile. */
  #isLooking = false;

  /** Begins at once. */
  constructor(parts: RoundsParts) {
    this.#parts = parts;
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    const { changes, served, pauses, peers, hooks, hang, log } = this.#parts;
    const wasHanging = hang.isHanging;
    hang.look();
    if (hang.isHanging && !wasHanging) log.error(HANGING);
    const stepMs = this.#clock.step();
    if (stepMs !== 0) this.#planAgain(stepMs);
    if (this.#isLooking) return;
    this.#isLooking = true;
    changes.do(async () => {
      try {
        await served.look();
        await pauses.look();
        await peers.announce();
        await hooks.checkAgain();
      } finally {
        this.#isLooking = false;
      }
    });
  }

  /**
   * The clock was set, and the queue counts in it: an account that is due by the old clock would wait for as long as the
   * clock was set back, and a timer goes on counting in the old one.
   */
  #planAgain(stepMs: number): void {
    const { changes, served, log } = this.#parts;
    const how =
      stepMs < 0
        ? `was set back by ${pauseInWords(-stepMs)}`
        : `was set forward by ${pauseInWords(stepMs)}, or the machine slept`;
    log.warn(`the system's clock ${how}: all accounts are planned again`);
    changes.do(() => served.planAgain());
  }
}
