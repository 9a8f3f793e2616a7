/** How many runs there may be at the same time. */
export interface RunLimits {
  /** In all. */
  readonly all: number;
  /** With one host. */
  readonly perHost: number;
}

/** A run that lasts longer is slow, and so is the account's next one. */
export const SLOW_MS = 30_000;

/**
 * Bounds how many runs there are at the same time, in all and with each host. Accounts whose last run was slow get at most
 * three quarters of the places, so that a few slow servers never hold them all.
 */
export class RunLimiter {
  #limits: RunLimits;
  readonly #hosts = new Map<string, number>();
  #running = 0;
  #slow = 0;

  constructor(limits: RunLimits) {
    this.#limits = limits;
  }

  /** False: no other run may begin now, whatever its host. */
  get hasRoom(): boolean {
    return this.#running < this.#limits.all;
  }

  /** Takes a place for a run, until `leave` gives it back. False, and nothing is taken, if there is none. */
  enter(host: string, slow: boolean): boolean {
    const atHost = this.#hosts.get(host) ?? 0;
    const forSlow = Math.max(1, Math.floor((this.#limits.all * 3) / 4));
    if (!this.hasRoom || atHost >= this.#limits.perHost || (slow && this.#slow >= forSlow)) return false;
    this.#hosts.set(host, atHost + 1);
    this.#running++;
    if (slow) this.#slow++;
    return true;
  }

  /** Gives back the place of a run that has ended. It takes what `enter` was given. */
  leave(host: string, slow: boolean): void {
    const atHost = (this.#hosts.get(host) ?? 1) - 1;
    if (atHost === 0) this.#hosts.delete(host);
    else this.#hosts.set(host, atHost);
    this.#running--;
    if (slow) this.#slow--;
  }

  /** Sets other limits from now on. Runs that have begun go on. */
  limit(limits: RunLimits): void {
    this.#limits = limits;
  }
}
