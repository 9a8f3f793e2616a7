import type { Standing } from "../schedule/standing.ts";
import { findStanding, putStandings } from "./standing-store.ts";
import type { Standings } from "./standings.ts";

/** So long a standing that can wait is kept back, so that those of many runs share one transaction. */
const DELAY_MS = 200;

/**
 * Writes standings down: at once where something rests on them, else a few together. Of what was kept back a crash
 * forgets only that a run was made: then the account is run again a little early.
 */
export class StandingBatch {
  readonly #standings: Pick<Standings, "find" | "put">;
  #waiting = new Map<string, Standing>();
  /** On their way to the database, and still the truth until they are there. */
  #leaving: ReadonlyMap<string, Standing> = new Map();
  #timer: NodeJS.Timeout | undefined;
  #underWay: Promise<void> = Promise.resolve();

  constructor(standings: Pick<Standings, "find" | "put">) {
    this.#standings = standings;
  }

  async find(maildrop: string): Promise<Standing> {
    return (
      this.#waiting.get(maildrop) ??
      this.#leaving.get(maildrop) ??
      (await findStanding(this.#standings, maildrop))
    );
  }

  /** Written when it resolves. @throws the store's errors */
  async put(maildrop: string, standing: Standing): Promise<void> {
    this.#waiting.delete(maildrop);
    await this.#underWay;
    await putStandings(this.#standings, new Map([[maildrop, standing]]));
  }

  /** Written soon; if the database is away then, it is as if the run had not been. */
  putSoon(maildrop: string, standing: Standing): void {
    this.#waiting.set(maildrop, standing);
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
      await putStandings(this.#standings, leaving).catch(() => {});
      this.#leaving = new Map();
    });
    return this.#underWay;
  }
}
