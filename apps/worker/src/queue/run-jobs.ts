import { RunLimiter, type RunLimits, type RunOne, type RunTask, SLOW_MS } from "@mailonce/runtime/service";
import { DelayedError, type Job } from "bullmq";
import type { Logger } from "../log/log.ts";
import type { RunJob } from "./redis-schedule.ts";

/** A run for which there was no room at its host is tried again about after that. */
const NO_ROOM_MS = 500;

export interface RunJobsParts {
  readonly limits: RunLimits;
  /** An account that no worker has known for so long is taken out of Redis, in ms. */
  readonly forgetMs: number;
  /** Tells Redis when an account is due. Does not throw. */
  readonly plan: (task: RunTask) => Promise<void>;
  /** Takes an account out of Redis. */
  readonly forget: (name: string) => Promise<void>;
  readonly log: Logger;
}

/** Does the jobs that this worker takes out of Redis: it runs the account if it knows it and has room, or puts the job back. */
export class RunJobs {
  /** The accounts that this worker knows, by name. */
  readonly tasks = new Map<string, RunTask>();
  readonly #parts: RunJobsParts;
  readonly #limiter: RunLimiter;
  readonly #slow = new Set<string>();
  readonly #underWay = new Set<Promise<unknown>>();
  #taken = 0;
  #isOver = false;

  constructor(parts: RunJobsParts) {
    this.#parts = parts;
    this.#limiter = new RunLimiter(parts.limits);
  }

  /** How many jobs were looked at so far. */
  get taken(): number {
    return this.#taken;
  }

  /** Whether another run may begin. */
  get hasRoom(): boolean {
    return this.#limiter.hasRoom;
  }

  limit(limits: RunLimits): void {
    this.#limiter.limit(limits);
  }

  /** Begins no more runs. */
  end(): void {
    this.#isOver = true;
  }

  /** Resolves when the runs have ended that are under way now. */
  ended(): Promise<unknown> {
    return Promise.all(this.#underWay);
  }

  /** Does one job. @throws DelayedError, by which BullMQ is told that the job was put back */
  async process(run: RunOne, job: Job<RunJob>, token: string | undefined): Promise<void> {
    const { name } = job.data;
    this.#taken++;
    const task = this.tasks.get(name);
    if (this.#isOver) return putBack(job, 0, token);
    if (task === undefined) return this.#passOn(job, token);
    const slow = this.#slow.has(name);
    if (!this.#limiter.enter(task.host, slow)) return putBack(job, NO_ROOM_MS, token);
    const began = Date.now();
    const running = run(name);
    this.#underWay.add(running);
    try {
      const due = await running;
      const now = this.tasks.get(name);
      if (due === null || now !== task) return;
      const next = { ...task, due };
      this.tasks.set(name, next);
      await this.#parts.plan(next);
    } finally {
      this.#underWay.delete(running);
      this.#limiter.leave(task.host, slow);
      if (Date.now() - began > SLOW_MS) this.#slow.add(name);
      else this.#slow.delete(name);
    }
  }

  /** This worker does not know the account: another may know it, or it was removed while Redis was away. */
  async #passOn(job: Job<RunJob>, token: string | undefined): Promise<void> {
    const { name, unknownSince = Date.now() } = job.data;
    const { forgetMs, forget, log } = this.#parts;
    // Another worker's clock may be ahead.
    const unknownMs = Math.max(0, Date.now() - unknownSince);
    if (unknownMs > forgetMs) {
      await forget(name);
      log.warn({ maildrop: name }, "queue: taken out of Redis, no worker knows it");
      return;
    }
    if (job.data.unknownSince === undefined) await job.updateData({ name, unknownSince });
    // After ever longer pauses: a worker that knows it takes it soon, or none will.
    await putBack(job, NO_ROOM_MS + unknownMs / 4, token);
  }
}

/** Puts the job back: it is taken again after that time, or half as long again at most. */
async function putBack(job: Job<RunJob>, ms: number, token: string | undefined): Promise<never> {
  await job.moveToDelayed(Date.now() + ms * (1 + Math.random() / 2), token);
  throw new DelayedError();
}
