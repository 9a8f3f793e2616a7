/** How many runs there may be at the same time. */
export interface GateLimits {
  /** In all. */
  readonly all: number;
  /** With one host. */
  readonly perHost: number;
}

/** A run that lasts longer is slow, and so is the account's next one. */
export const SLOW_MS = 30_000;

/**
 * Lets so many runs through at the same time, in all and with each host. Accounts whose last run was slow get at most
 * three quarters of the places, so that a few slow servers never hold them all.
 */
export class Gate {
  #limits: GateLimits;
  readonly #hosts = new Map<string, number>();
  #open = 0;
  #slow = 0;

  constructor(limits: GateLimits) {
    this.#limits = limits;
  }

  /** Runs that are through now. */
  get open(): number {
    return this.#open;
  }

  /** False: no other run gets through, whatever its host. */
  get hasRoom(): boolean {
    return this.#open < this.#limits.all;
  }

  /** True, and a place is taken until `leave` is called, if there is one. */
  enter(host: string, slow: boolean): boolean {
    const atHost = this.#hosts.get(host) ?? 0;
    const forSlow = Math.max(1, Math.floor((this.#limits.all * 3) / 4));
    if (!this.hasRoom || atHost >= this.#limits.perHost || (slow && this.#slow >= forSlow)) return false;
    this.#hosts.set(host, atHost + 1);
    this.#open++;
    if (slow) this.#slow++;
    return true;
  }

  leave(host: string, slow: boolean): void {
    const atHost = (this.#hosts.get(host) ?? 1) - 1;
    if (atHost === 0) this.#hosts.delete(host);
    else this.#hosts.set(host, atHost);
    this.#open--;
    if (slow) this.#slow--;
  }

  /** From now on; who is through already stays. */
  limit(limits: GateLimits): void {
    this.#limits = limits;
  }
}
