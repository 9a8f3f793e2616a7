import type { AccountSettings } from "../account/settings.ts";
import type { RunEnd, ServiceObserver } from "./observers.ts";
import type { Standings, StoredPause } from "./ports.ts";

export interface PauseWatchParts {
  readonly standings: Pick<Standings, "paused">;
  readonly isServed: (maildrop: string) => boolean;
  readonly onPaused: (maildrop: string, pause: StoredPause) => void;
  readonly onResumed: (maildrop: string) => void;
}

/**
 * Knows which accounts are paused. It tells when an account is paused or goes on and this worker has not done that itself:
 * then somebody did it by hand, or another worker had reason to.
 */
export class PauseWatch implements ServiceObserver {
  readonly #parts: PauseWatchParts;
  #known: ReadonlyMap<string, StoredPause> = new Map();
  /** What this worker's own runs did since the last look began. That look may have read the state before it. */
  readonly #own = new Map<string, StoredPause | null>();

  constructor(parts: PauseWatchParts) {
    this.#parts = parts;
  }

  /** The names of the accounts that are paused. */
  get paused(): readonly string[] {
    return [...this.#known.keys()];
  }

  ended({ account: { maildrop } }: AccountSettings, { health: { pause } }: RunEnd): void {
    if (pause !== null) this.#own.set(maildrop, pause);
  }

  resumed({ account: { maildrop } }: AccountSettings): void {
    this.#own.set(maildrop, null);
  }

  /** Reads the pauses from the database, and tells what has changed. @throws the store's errors */
  async look(): Promise<void> {
    const { standings, isServed, onPaused, onResumed } = this.#parts;
    const known = new Map(this.#known);
    for (const [maildrop, pause] of this.#own) change(known, maildrop, pause);
    this.#own.clear();
    const stored = await standings.paused();
    const now = new Map([...stored].filter(([maildrop]) => isServed(maildrop)));
    for (const [maildrop, pause] of this.#own) {
      change(known, maildrop, pause);
      change(now, maildrop, pause);
    }
    for (const [maildrop, pause] of now)
      if (pause.code !== known.get(maildrop)?.code) onPaused(maildrop, pause);
    for (const maildrop of known.keys()) if (!now.has(maildrop) && isServed(maildrop)) onResumed(maildrop);
    this.#known = now;
  }
}

function change(pauses: Map<string, StoredPause>, maildrop: string, pause: StoredPause | null): void {
  if (pause === null) pauses.delete(maildrop);
  else pauses.set(maildrop, pause);
}
