import type { DueOf, RunLimits, RunOne, RunQueue, RunTask } from "@mailonce/runtime/service";
import { Queue, Worker } from "bullmq";
import type { Redis } from "ioredis";
import type { Logger } from "../log/log.ts";
import { connectRedis, type RedisLogin } from "./redis-connection.ts";
import { codeOf, RedisLink } from "./redis-link.ts";
import { NAME, PREFIX, RedisSchedule, type RunJob, repeatStrategy } from "./redis-schedule.ts";
import { RunJobs } from "./run-jobs.ts";

/** A worker that has not been heard of for so long is dead: its runs go to others. */
const LOCK_MS = 15_000;
/** How often Redis is asked whether it is there, and whether it still knows all accounts. */
const LOOK_MS = 5000;
/** At the end BullMQ is not waited for any longer. */
const LAST_MS = 1000;
/** An account that no worker has known for so long is taken out of Redis. */
const FORGET_MS = 10 * 60_000;
/** How often Redis is searched for accounts that are due later than they can be. */
const SEARCH_MS = 5 * 60_000;
/** Two times at which an account is due may differ by so much, because of what is added to them at random. */
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
  readonly #link: RedisLink;
  readonly #queue: Queue<RunJob>;
  readonly #schedule: RedisSchedule;
  readonly #jobs: RunJobs;
  readonly #options: BullQueueOptions;
  #limits: RunLimits;
  #worker: { readonly worker: Worker<RunJob>; readonly client: Redis } | null = null;
  #timer: NodeJS.Timeout | undefined;
  #looking = false;
  #dueOf: DueOf | undefined;
  #searched = performance.now();
  /** How many jobs had been looked at by the last look, and since when none was although one is due. */
  #takenBefore = -1;
  #lateSince: number | null = null;

  constructor(
    url: string,
    limits: RunLimits,
    log: Logger,
    forgetMs = FORGET_MS,
    options: BullQueueOptions = {},
  ) {
    this.#options = options;
    this.#url = url;
    this.#log = log;
    this.#limits = limits;
    this.#link = new RedisLink(url, options, log, () => void this.#look());
    const { client } = this.#link;
    this.#queue = new Queue(NAME, { prefix: PREFIX, connection: client, settings: { repeatStrategy } });
    this.#queue.on("error", () => {});
    this.#schedule = new RedisSchedule(client, this.#queue);
    this.#jobs = new RunJobs({
      limits,
      forgetMs,
      plan: (task) => this.#plan(task),
      forget: (name) => this.#schedule.remove(name),
      log,
    });
  }

  get trouble(): string | null {
    return this.#link.trouble;
  }

  get lateMs(): number {
    return this.#lateSince === null || this.trouble !== null ? 0 : performance.now() - this.#lateSince;
  }

  async start(run: RunOne, dueOf?: DueOf): Promise<void> {
    this.#dueOf = dueOf;
    const client = connectRedis(this.#url, this.#options, { maxRetriesPerRequest: null });
    const worker = new Worker<RunJob>(NAME, (job, token) => this.#jobs.process(run, job, token), {
      prefix: PREFIX,
      connection: client,
      concurrency: this.#limits.all,
      lockDuration: LOCK_MS,
      stalledInterval: LOCK_MS / 2,
      // A job is never given up, however often its workers die: its account still wants its mail.
      maxStalledCount: 1_000_000,
      settings: { repeatStrategy },
    });
    worker.on("error", (error) => this.#log.debug({ code: codeOf(error) }, `queue: ${error.message}`));
    this.#worker = { worker, client };
    this.#timer = setInterval(() => void this.#look(), LOOK_MS);
    await this.#look();
  }

  async put(task: RunTask): Promise<void> {
    this.#jobs.tasks.set(task.name, task);
    await this.#plan(task);
  }

  async remove(name: string): Promise<void> {
    this.#jobs.tasks.delete(name);
    await this.#link.tell(() => this.#schedule.remove(name));
  }

  limit(limits: RunLimits): void {
    this.#limits = limits;
    this.#jobs.limit(limits);
    if (this.#worker !== null) this.#worker.worker.concurrency = limits.all;
  }

  async stop(): Promise<void> {
    this.#end();
    const closed = this.#worker?.worker.close();
    // BullMQ would wait for a Redis that is away; the runs under way need none.
    await Promise.race([closed, this.#link.away().then(() => this.#jobs.ended())]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#end();
    if (this.#worker !== null) {
      const closed = this.#worker.worker.close(true).catch(() => {});
      this.#worker.client.disconnect();
      // It goes on asking a Redis that is away, and nobody can tell it not to.
      await Promise.race([closed, new Promise((resolve) => setTimeout(resolve, LAST_MS).unref())]);
    }
    this.#link.client.disconnect();
    await this.#queue.close().catch(() => {});
  }

  #end(): void {
    this.#link.end();
    this.#jobs.end();
    clearInterval(this.#timer);
  }

  /** If this fails, the scheduler goes on by the account's interval, or Redis is told again when it is back. */
  async #plan(task: RunTask): Promise<void> {
    await this.#link.tell(() => this.#schedule.put(task));
  }

  /** Looks whether Redis is there, whether it knows every account, and whether it hands out what is due. */
  async #look(): Promise<void> {
    if (this.#looking || this.#worker === null) return;
    this.#looking = true;
    await this.#link.check(async () => {
      const known = await this.#schedule.count();
      if (known < this.#jobs.tasks.size || !this.#link.isComplete) await this.#tellAgain();
      else if (performance.now() - this.#searched > (this.#options.searchMs ?? SEARCH_MS))
        await this.#search();
      await this.#lookForLate();
    });
    this.#looking = false;
  }

  async #tellAgain(): Promise<void> {
    this.#link.isComplete = true;
    const missing = await this.#schedule.missing(this.#jobs.tasks);
    if (missing.length === 0) return;
    this.#log.warn({ accounts: missing.length }, `queue: told Redis again of ${missing.length} accounts`);
    // This worker knows only when they were due after its own last runs of them: the database knows better.
    const due = await this.#dueOf?.(missing.map(({ name }) => name));
    for (const task of missing) await this.#plan({ ...task, due: due?.get(task.name) ?? task.due });
  }

  /** Plans accounts again that are due later than they can be: the clock of whoever planned them was wrong. */
  async #search(): Promise<void> {
    this.#searched = performance.now();
    const late = await this.#schedule.late(this.#jobs.tasks, Date.now());
    if (late.length === 0) return;
    // Some have to wait for so long, by their schedule or because their server wants it: the database knows.
    const known = await this.#dueOf?.(late.map(({ task }) => task.name));
    for (const { task, due } of late) {
      const right = known?.get(task.name) ?? Number.POSITIVE_INFINITY;
      if (due <= right + JITTER_MS) continue;
      this.#log.warn({ maildrop: task.name }, "queue: due later than it can be, so planned again");
      await this.#plan({ ...task, due: right });
    }
  }

  /** Is something due for which this worker has room, and did it look at no job since the last time? */
  async #lookForLate(): Promise<void> {
    const isStill = this.#jobs.taken === this.#takenBefore && this.#jobs.hasRoom;
    this.#takenBefore = this.#jobs.taken;
    const isLate = isStill && (await this.#schedule.hasDue(Date.now() - LOOK_MS));
    this.#lateSince = isLate ? (this.#lateSince ?? performance.now()) : null;
  }
}
