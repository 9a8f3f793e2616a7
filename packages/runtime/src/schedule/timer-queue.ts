import { type Clock, systemClock } from "../system/clock.ts";
import { DueHeap } from "./due-heap.ts";
import { RunLimiter, type RunLimits, SLOW_MS } from "./run-limiter.ts";
import type { RunOne, RunQueue, RunTask } from "./run-queue.ts";

/** What the queue knows of an account. */
interface Known {
  readonly host: string;
  slow: boolean;
  running: boolean;
  /** True: it was put again while it ran, so the next time that its run gives does not count. */
  changed: boolean;
}

/** A queue in this process: one timer, for the account that is due first. */
export class TimerQueue implements RunQueue {
  readonly trouble = null;
  readonly #clock: Clock;
  readonly #limiter: RunLimiter;
  readonly #known = new Map<string, Known>();
  readonly #heap = new DueHeap();
  /** Accounts that are due and wait for the limiter, by host; the hosts take turns. */
  readonly #ready = new Map<string, Set<string>>();
  readonly #underWay = new Set<Promise<void>>();
  #run: RunOne | null = null;
  #timer: { readonly time: number; readonly cancel: () => void } | null = null;

  constructor(limits: RunLimits, clock: Clock = systemClock) {
    this.#limiter = new RunLimiter(limits);
    this.#clock = clock;
  }

  get lateMs(): number {
    return this.#run === null ? 0 : Math.max(0, this.#clock.now() - this.#heap.first);
  }

  async start(run: RunOne): Promise<void> {
    this.#run = run;
    this.#advance();
  }

  async put({ name, host, due }: RunTask): Promise<void> {
    const before = this.#known.get(name);
    if (before !== undefined) this.#unready(name, before.host);
    if (before?.running) before.changed = true;
    if (before === undefined || before.host !== host) {
      // A run under way keeps its own: it gives back the place that it took.
      this.#known.set(name, { host, slow: false, running: before?.running ?? false, changed: true });
    }
    this.#heap.put(name, due);
    this.#advance();
  }

  async remove(name: string): Promise<void> {
    const known = this.#known.get(name);
    if (known === undefined) return;
    this.#unready(name, known.host);
    this.#heap.remove(name);
    this.#known.delete(name);
  }

  limit(limits: RunLimits): void {
    this.#limiter.limit(limits);
    this.#advance();
  }

  async stop(): Promise<void> {
    this.#run = null;
    this.#timer?.cancel();
    this.#timer = null;
    while (this.#underWay.size > 0) await Promise.all(this.#underWay);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  /** Starts what is due and finds a place, and sets the timer for what is not due yet. */
  #advance(): void {
    if (this.#run === null) return;
    const now = this.#clock.now();
    for (let name = this.#heap.take(now); name !== null; name = this.#heap.take(now)) {
      const known = this.#known.get(name);
      if (known === undefined) continue;
      const names = this.#ready.get(known.host) ?? new Set();
      this.#ready.set(known.host, names.add(name));
    }
    this.#dispatch();
    this.#setTimer(this.#heap.first);
  }

  #dispatch(): void {
    for (let started = true; started && this.#limiter.hasRoom; ) {
      started = false;
      for (const host of [...this.#ready.keys()]) started = this.#startAt(host) || started;
    }
  }

  /** Starts the first account that waits for this host and may run. */
  #startAt(host: string): boolean {
    for (const name of this.#ready.get(host) ?? []) {
      const known = this.#known.get(name);
      // One that is put again while it runs has its turn when that run has ended.
      if (known === undefined || known.running) continue;
      const { slow } = known;
      if (!this.#limiter.enter(host, slow)) {
        if (slow) continue;
        return false;
      }
      this.#unready(name, host);
      known.running = true;
      known.changed = false;
      const run = this.#runOne(name, known, slow).finally(() => this.#underWay.delete(run));
      this.#underWay.add(run);
      return true;
    }
    return false;
  }

  async #runOne(name: string, mine: Known, slow: boolean): Promise<void> {
    const began = this.#clock.now();
    const due = (await this.#run?.(name)) ?? null;
    this.#limiter.leave(mine.host, slow);
    mine.slow = this.#clock.now() - began > SLOW_MS;
    mine.running = false;
    const known = this.#known.get(name);
    if (known !== undefined) {
      known.running = false;
      if (!known.changed && due !== null) this.#heap.put(name, due);
    }
    this.#advance();
  }

  #unready(name: string, host: string): void {
    const names = this.#ready.get(host);
    if (names?.delete(name) && names.size === 0) this.#ready.delete(host);
  }

  #setTimer(time: number): void {
    if (this.#timer?.time === time) return;
    this.#timer?.cancel();
    this.#timer = null;
    if (time === Number.POSITIVE_INFINITY) return;
    const cancel = this.#clock.callAt(time, () => {
      this.#timer = null;
      this.#advance();
    });
    this.#timer = { time, cancel };
  }
}
