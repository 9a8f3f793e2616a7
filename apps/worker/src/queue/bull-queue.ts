import {
  type DueOf,
  RunLimiter,
  type RunLimits,
  type RunOne,
  type RunQueue,
  type RunTask,
  SLOW_MS,
} from "@mailonce/runtime/service";
import { DelayedError, type Job, Queue, Worker } from "bullmq";
import type { Redis } from "ioredis";
import type { Logger } from "../log/log.ts";
import { connectRedis, isLoginRefusal, type RedisLogin } from "./redis-client.ts";
import { NAME, PREFIX, RedisSchedule, type RunJob, repeatStrategy } from "./redis-schedule.ts";

/** A worker that has not been heard of for so long is dead: its runs go to others. */
const LOCK_MS = 15_000;
/** A command that Redis has not answered by then has failed. */
const COMMAND_MS = 5000;
const NO_LOGIN =
  "Redis refuses the login: check MAILONCE_QUEUE_PASSWORD, or user and password of worker.queue";
/** How often Redis is asked whether it is there, and whether it still knows all accounts. */
const LOOK_MS = 5000;
/** So long a start waits for Redis; after that it goes on without. */
const FIRST_CONNECTION_MS = 3000;
/** At the end BullMQ is not waited for any longer. */
const LAST_MS = 1000;
/** A run that found no place at its host is tried again about after that. */
const NO_PLACE_MS = 500;
/** An account that no worker has known for so long is taken out of Redis. */
const FORGET_MS = 10 * 60_000;
/** How often Redis is searched for accounts that are due later than they can be. */
const SEARCH_MS = 5 * 60_000;
/** A difference between two times that an account is due at that may be what is added at random. */
const JITTER_MS = 5 * 60_000;

/** What may be set otherwise. */
export interface BullQueueOptions extends RedisLogin {
  /** How often to look for accounts that are due later than they can be. Default: every 5 minutes. */
  readonly searchMs?: number;
}

/**
 * A queue in Redis, by BullMQ: one job scheduler for each account, one job for each account and due time, taken by
 * whichever worker has room. While Redis is away nothing is handed out; what it has forgotten it is told again.
 */
export class BullQueue implements RunQueue {
  readonly #log: Logger;
  readonly #url: string;
  readonly #client: Redis;
  readonly #queue: Queue<RunJob>;
  readonly #schedule: RedisSchedule;
  readonly #limiter: RunLimiter;
  readonly #tasks = new Map<string, RunTask>();
  readonly #slow = new Set<string>();
  readonly #underWay = new Set<Promise<unknown>>();
  readonly #firstConnection: Promise<unknown>;
  readonly #forgetMs: number;
  readonly #options: BullQueueOptions;
  #limits: RunLimits;
  #worker: { readonly worker: Worker<RunJob>; readonly client: Redis } | null = null;
  #timer: NodeJS.Timeout | undefined;
  #looking = false;
  #isOver = false;
  #isComplete = false;
  #trouble: string | null = "Redis was not reached yet";
  /** Why Redis was left, as far as it said. */
  #refusal: string | null = null;
  #dueOf: DueOf | undefined;
  #searched = performance.now();
  /** Jobs that were looked at. */
  #taken = 0;
  #takenBefore = -1;
  #lateSince: number | null = null;

  constructor(
    url: string,
    limits: RunLimits,
    log: Logger,
    forgetMs = FORGET_MS,
    options: BullQueueOptions = {},
  ) {
    this.#forgetMs = forgetMs;
    this.#options = options;
    this.#url = url;
    this.#log = log;
    this.#limits = limits;
    this.#limiter = new RunLimiter(limits);
    // Fails at once while Redis is away: what was not said is said again when it is back.
    this.#client = connectRedis(url, options, { maxRetriesPerRequest: 1, commandTimeout: COMMAND_MS });
    this.#firstConnection = new Promise((resolve) => {
      this.#client.once("ready", resolve);
      setTimeout(resolve, FIRST_CONNECTION_MS).unref();
    });
    this.#client.on("error", (error: Error) => {
      if (isLoginRefusal(error)) this.#refusal = NO_LOGIN;
    });
    this.#client.on("ready", () => {
      this.#refusal = null;
      this.#isComplete = false;
      void this.#look();
    });
    this.#client.on("close", () => this.#setTrouble(this.#refusal ?? "Redis cannot be reached"));
    this.#queue = new Queue(NAME, {
      prefix: PREFIX,
      connection: this.#client,
      settings: { repeatStrategy },
    });
    this.#queue.on("error", () => {});
    this.#schedule = new RedisSchedule(this.#client, this.#queue);
  }

  get trouble(): string | null {
    return this.#trouble;
  }

  get lateMs(): number {
    return this.#lateSince === null || this.#trouble !== null ? 0 : performance.now() - this.#lateSince;
  }

  async start(run: RunOne, dueOf?: DueOf): Promise<void> {
    this.#dueOf = dueOf;
    const client = connectRedis(this.#url, this.#options, { maxRetriesPerRequest: null });
    const worker = new Worker<RunJob>(NAME, (job, token) => this.#process(run, job, token), {
      prefix: PREFIX,
      connection: client,
      concurrency: this.#limits.all,
      lockDuration: LOCK_MS,
      stalledInterval: LOCK_MS / 2,
      // However often its workers die, it is an account that wants its mail.
      maxStalledCount: 1_000_000,
      settings: { repeatStrategy },
    });
    worker.on("error", (error) => this.#log.debug({ code: codeOf(error) }, `queue: ${error.message}`));
    this.#worker = { worker, client };
    this.#timer = setInterval(() => void this.#look(), LOOK_MS);
    await this.#look();
  }

  async put(task: RunTask): Promise<void> {
    this.#tasks.set(task.name, task);
    await this.#plan(task);
  }

  async remove(name: string): Promise<void> {
    this.#tasks.delete(name);
    await this.#patiently(() => this.#schedule.remove(name));
  }

  limit(limits: RunLimits): void {
    this.#limits = limits;
    this.#limiter.limit(limits);
    if (this.#worker !== null) this.#worker.worker.concurrency = limits.all;
  }

  async stop(): Promise<void> {
    this.#isOver = true;
    clearInterval(this.#timer);
    const closed = this.#worker?.worker.close();
    // BullMQ would wait for a Redis that is away; the runs under way need none.
    const away = new Promise<void>((resolve) => {
      if (this.#client.status === "ready") this.#client.once("close", resolve);
      else resolve();
    });
    await Promise.race([closed, away.then(() => Promise.all(this.#underWay))]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isOver = true;
    clearInterval(this.#timer);
    if (this.#worker !== null) {
      const closed = this.#worker.worker.close(true).catch(() => {});
      this.#worker.client.disconnect();
      // It goes on asking a Redis that is away, and nobody can tell it not to.
      await Promise.race([closed, new Promise((resolve) => setTimeout(resolve, LAST_MS).unref())]);
    }
    this.#client.disconnect();
    await this.#queue.close().catch(() => {});
  }

  async #process(run: RunOne, job: Job<RunJob>, token: string | undefined): Promise<void> {
    const { name } = job.data;
    this.#taken++;
    const task = this.#tasks.get(name);
    if (this.#isOver) return delayed(job, 0, token);
    if (task === undefined) return this.#passOn(job, token);
    const slow = this.#slow.has(name);
    if (!this.#limiter.enter(task.host, slow)) return delayed(job, NO_PLACE_MS, token);
    const began = Date.now();
    const running = run(name);
    this.#underWay.add(running);
    try {
      const due = await running;
      const now = this.#tasks.get(name);
      if (due === null || now !== task) return;
      const next = { ...task, due };
      this.#tasks.set(name, next);
      await this.#plan(next);
    } finally {
      this.#underWay.delete(running);
      this.#limiter.leave(task.host, slow);
      if (Date.now() - began > SLOW_MS) this.#slow.add(name);
      else this.#slow.delete(name);
    }
  }

  /** The account is not in this worker's configuration: another may know it, or it was removed while Redis was away. */
  async #passOn(job: Job<RunJob>, token: string | undefined): Promise<void> {
    const { name, unknownSince = Date.now() } = job.data;
    // Another worker's clock may be ahead.
    const unknownMs = Math.max(0, Date.now() - unknownSince);
    if (unknownMs > this.#forgetMs) {
      await this.#schedule.remove(name);
      this.#log.warn({ maildrop: name }, "queue: taken out of Redis, no worker knows it");
      return;
    }
    if (job.data.unknownSince === undefined) await job.updateData({ name, unknownSince });
    // Ever more seldom: soon it should be somebody else's, else nobody's.
    await delayed(job, NO_PLACE_MS + unknownMs / 4, token);
  }

  /** Should it fail, the scheduler goes on in its own time, or Redis is told again when it is back. */
  async #plan(task: RunTask): Promise<void> {
    await this.#patiently(() => this.#schedule.put(task));
  }

  async #patiently(command: () => Promise<unknown>): Promise<void> {
    await this.#firstConnection;
    // BullMQ would wait, for as long as it takes.
    if (this.#client.status !== "ready") {
      this.#isComplete = false;
      return;
    }
    try {
      await command();
    } catch (error) {
      this.#isComplete = false;
      this.#log.debug({ code: codeOf(error) }, `queue: ${error instanceof Error ? error.message : "failed"}`);
    }
  }

  /** Is Redis there, and does it know every account? */
  async #look(): Promise<void> {
    if (this.#looking || this.#worker === null) return;
    this.#looking = true;
    try {
      await this.#client.ping();
      const known = await this.#schedule.count();
      if (known < this.#tasks.size || !this.#isComplete) await this.#tellAgain();
      else if (performance.now() - this.#searched > (this.#options.searchMs ?? SEARCH_MS))
        await this.#search();
      await this.#lookForLate();
      this.#setTrouble(null);
    } catch {
      this.#setTrouble(this.#refusal ?? "Redis cannot be reached");
    } finally {
      this.#looking = false;
    }
  }

  async #tellAgain(): Promise<void> {
    this.#isComplete = true;
    const missing = await this.#schedule.missing(this.#tasks);
    if (missing.length === 0) return;
    this.#log.warn({ accounts: missing.length }, `queue: told Redis again of ${missing.length} accounts`);
    // What is known here is when they were due as this worker ran them last.
    const due = await this.#dueOf?.(missing.map(({ name }) => name));
    for (const task of missing) await this.#plan({ ...task, due: due?.get(task.name) ?? task.due });
  }

  /** Puts accounts right that are due later than they can be: the clock of who put them was wrong. */
  async #search(): Promise<void> {
    this.#searched = performance.now();
    const late = await this.#schedule.late(this.#tasks, Date.now());
    if (late.length === 0) return;
    // Some wait for as long by their schedule or their server's wish: the database knows.
    const known = await this.#dueOf?.(late.map(({ task }) => task.name));
    for (const { task, due } of late) {
      const right = known?.get(task.name) ?? Number.POSITIVE_INFINITY;
      if (due <= right + JITTER_MS) continue;
      this.#log.warn({ maildrop: task.name }, "queue: due later than it can be, so planned again");
      await this.#plan({ ...task, due: right });
    }
  }

  /** Is something due that this worker has room for, and did it look at nothing at all since the last time? */
  async #lookForLate(): Promise<void> {
    const isStill = this.#taken === this.#takenBefore && this.#limiter.hasRoom;
    this.#takenBefore = this.#taken;
    const isLate = isStill && (await this.#schedule.hasDue(Date.now() - LOOK_MS));
    this.#lateSince = isLate ? (this.#lateSince ?? performance.now()) : null;
  }

  #setTrouble(trouble: string | null): void {
    if (trouble === this.#trouble || this.#isOver) return;
    this.#trouble = trouble;
    if (trouble === null) this.#log.info("queue: Redis is there");
    else this.#log.error(`queue: ${trouble}; no run begins until it is back`);
  }
}

/** Has the job taken again after that time, and half of it more at most. */
async function delayed(job: Job<RunJob>, ms: number, token: string | undefined): Promise<never> {
  await job.moveToDelayed(Date.now() + ms * (1 + Math.random() / 2), token);
  throw new DelayedError();
}

function codeOf(error: unknown): string {
  const code: unknown = error instanceof Error ? Reflect.get(error, "code") : null;
  return typeof code === "string" ? code : "error";
}
