import type { Store } from "@mailonce/runtime";
import type { AccountSettings } from "@mailonce/runtime/config";
import { pauseCode, type RunEnd, type ServiceObserver, type StoredPause } from "@mailonce/runtime/service";
import type { Logger } from "../log/log.ts";
import { pausedInWords } from "../text/words.ts";

/** What a {@link PauseWatch} is made of. */
export interface PauseWatchParts {
  readonly store: Pick<Store, "standings">;
  readonly isServed: (maildrop: string) => boolean;
  readonly log: Logger;
}

/**
 * Knows which accounts are paused, and says in the log when one is paused or goes on that this worker has not seen to
 * itself: somebody did it by hand, or another worker had reason to.
 */
export class PauseWatch implements ServiceObserver {
  readonly #parts: PauseWatchParts;
  #known: ReadonlyMap<string, StoredPause> = new Map();
  /** Told by this worker's own runs since the look began: it may have read what was before. */
  readonly #own = new Map<string, StoredPause | null>();

  constructor(parts: PauseWatchParts) {
    this.#parts = parts;
  }

  /** The accounts that are paused, by name. */
  get paused(): readonly string[] {
    return [...this.#known.keys()];
  }

  ended({ account: { maildrop } }: AccountSettings, { health: { pause } }: RunEnd): void {
    if (pause !== null) this.#own.set(maildrop, pause);
  }

  resumed({ account: { maildrop } }: AccountSettings): void {
    this.#own.set(maildrop, null);
  }

  /** Looks into the database. @throws the store's errors */
  async look(): Promise<void> {
    const known = new Map(this.#known);
    for (const [maildrop, pause] of this.#own) change(known, maildrop, pause);
    this.#own.clear();
    const stored = await this.#parts.store.standings.paused();
    const now = new Map([...stored].filter(([maildrop]) => this.#parts.isServed(maildrop)));
    for (const [maildrop, pause] of this.#own) {
      change(known, maildrop, pause);
      change(now, maildrop, pause);
    }
    for (const [maildrop, pause] of now)
      if (pause.code !== known.get(maildrop)?.code) this.#tell(maildrop, pause);
    for (const maildrop of known.keys())
      if (!now.has(maildrop) && this.#parts.isServed(maildrop))
        this.#parts.log.info({ maildrop }, "no longer paused");
    this.#known = now;
  }

  #tell(maildrop: string, { code, reason }: StoredPause): void {
    const paused = pauseCode(code);
    const level = paused === "by-hand" ? "info" : "warn";
    this.#parts.log[level]({ maildrop, paused }, pausedInWords(maildrop, paused, reason));
  }
}

function change(pauses: Map<string, StoredPause>, maildrop: string, pause: StoredPause | null): void {
  if (pause === null) pauses.delete(maildrop);
  else pauses.set(maildrop, pause);
}
