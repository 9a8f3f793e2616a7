import type { AccountHealth } from "../schedule/account-health.ts";
import type { Standings } from "./ports.ts";
import { findHealth, putHealth } from "./stored-health.ts";

/** Milliseconds for which what can wait is kept back, so that many runs share one transaction. */
const DELAY_MS = 200;

/**
 * Writes down how accounts' runs have gone: at once where something rests on it, else for several accounts together. If
 * the process dies, what was kept back is lost; then the account is run again a little early, and nothing else happens.
 */
export class HealthBatch {
  readonly #standings: Pick<Standings, "find" | "put">;
  #waiting = new Map<string, AccountHealth>();
  /** What is being written: newer than what the database has until that has ended. */
  #leaving: ReadonlyMap<string, AccountHealth> = new Map();
  #timer: NodeJS.Timeout | undefined;
  #underWay: Promise<void> = Promise.resolve();

  constructor(standings: Pick<Standings, "find" | "put">) {
    this.#standings = standings;
  }

  async find(maildrop: string): Promise<AccountHealth> {
    return (
      this.#waiting.get(maildrop) ??
      this.#leaving.get(maildrop) ??
      (await findHealth(this.#standings, maildrop))
    );
  }

  /** Writes it down at once. @throws the store's errors */
  async put(maildrop: string, health: AccountHealth): Promise<void> {
    this.#waiting.delete(maildrop);
    await this.#underWay;
    await putHealth(this.#standings, new Map([[maildrop, health]]), "by-hand");
  }

  /** Writes it down soon. If that fails, it is as if the run had not been. */
  putSoon(maildrop: string, health: AccountHealth): void {
    this.#waiting.set(maildrop, health);
    this.#timer ??= setTimeout(() => void this.flush(), DELAY_MS);
  }

  /** Writes what waits. Does not throw. */
  flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#underWay = this.#underWay.then(async () => {
      const leaving = this.#waiting;
      if (leaving.size === 0) return;
      this.#waiting = new Map();
      this.#leaving = leaving;
      await putHealth(this.#standings, leaving, "by-hand").catch(() => {});
      this.#leaving = new Map();
    });
    return this.#underWay;
  }
}
