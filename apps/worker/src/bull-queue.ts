import { Gate, type GateLimits, type RunOne, type RunQueue, type RunTask, SLOW_MS } from "@mailonce/runtime";
import { DelayedError, type Job, Queue, Worker } from "bullmq";
import { Redis } from "ioredis";
import type { Logger } from "./log.ts";

/** The queue's name in Redis: `mailonce:runs`. One Redis database holds the runs of one installation. */
const PREFIX = "mailonce";
const NAME = "runs";
/** A worker that has not been heard of for so long is dead: its runs go to others. */
const LOCK_MS = 15_000;
/** A command that Redis has not answered by then has failed. */
const COMMAND_MS = 5000;
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
/** Accounts that Redis has forgotten are spread over so much time. */
const SPREAD_MS = 60_000;

interface RunJob {
  readonly name: string;
  /** Since when only workers that do not know the account have had the job, in ms since 1970. */
  readonly unknownSince?: number;
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
  readonly #gate: Gate;
  readonly #tasks = new Map<string, RunTask>();
  readonly #slow = new Set<string>();
  readonly #underWay = new Set<Promise<unknown>>();
  readonly #firstConnection: Promise<unknown>;
  readonly #forgetMs: number;
  #limits: GateLimits;
  #worker: { readonly worker: Worker<RunJob>; readonly client: Redis } | null = null;
  #timer: NodeJS.Timeout | undefined;
  #looking = false;
  #isOver = false;
  #isComplete = false;
  #trouble: string | null = "Redis was not reached yet";

  constructor(url: string, limits: GateLimits, log: Logger, forgetMs = FORGET_MS) {
    this.#forgetMs = forgetMs;
    this.#url = url;
    this.#log = log;
    this.#limits = limits;
    this.#gate = new Gate(limits);
    // Fails at once while Redis is away: what was not said is said again when it is back.
    this.#client = connect(url, { maxRetriesPerRequest: 1, commandTimeout: COMMAND_MS });
    this.#firstConnection = new Promise((resolve) => {
      this.#client.once("ready", resolve);
      setTimeout(resolve, FIRST_CONNECTION_MS).unref();
    });
    this.#client.on("ready", () => {
      this.#isComplete = false;
      void this.#look();
    });
    this.#client.on("close", () => this.#setTrouble("Redis cannot be reached"));
    this.#queue = new Queue(NAME, {
      prefix: PREFIX,
      connection: this.#client,
      settings: { repeatStrategy },
    });
    this.#queue.on("error", () => {});
  }

  get trouble(): string | null {
    return this.#trouble;
  }

  async start(run: RunOne): Promise<void> {
    const client = connect(this.#url, { maxRetriesPerRequest: null });
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
    await this.#schedule(task);
  }

  async remove(name: string): Promise<void> {
    this.#tasks.delete(name);
    await this.#patiently(() => this.#queue.removeJobScheduler(idOf(name)));
  }

  limit(limits: GateLimits): void {
    this.#limits = limits;
    this.#gate.limit(limits);
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
    const task = this.#tasks.get(name);
    if (this.#isOver) return delayed(job, 0, token);
    if (task === undefined) return this.#passOn(job, token);
    const slow = this.#slow.has(name);
    if (!this.#gate.enter(task.host, slow)) return delayed(job, NO_PLACE_MS, token);
    const began = Date.now();
    const running = run(name);
    this.#underWay.add(running);
    try {
      const due = await running;
      const now = this.#tasks.get(name);
      if (due === null || now !== task) return;
      const next = { ...task, due };
      this.#tasks.set(name, next);
      await this.#schedule(next);
    } finally {
      this.#underWay.delete(running);
      this.#gate.leave(task.host, slow);
      if (Date.now() - began > SLOW_MS) this.#slow.add(name);
      else this.#slow.delete(name);
    }
  }

  /** The account is not in this worker's configuration: another may know it, or it was removed while Redis was away. */
  async #passOn(job: Job<RunJob>, token: string | undefined): Promise<void> {
    const { name, unknownSince = Date.now() } = job.data;
    const unknownMs = Date.now() - unknownSince;
    if (unknownMs > this.#forgetMs) {
      await this.#queue.removeJobScheduler(idOf(name));
      this.#log.warn({ maildrop: name }, "queue: taken out of Redis, no worker knows it");
      return;
    }
    if (job.data.unknownSince === undefined) await job.updateData({ name, unknownSince });
    // Ever more seldom: soon it should be somebody else's, else nobody's.
    await delayed(job, NO_PLACE_MS + unknownMs / 4, token);
  }

  /** Should it fail, the scheduler goes on in its own time, or Redis is told again when it is back. */
  async #schedule({ name, due, everyMs }: RunTask): Promise<void> {
    await this.#patiently(() =>
      this.#queue.upsertJobScheduler(
        idOf(name),
        { pattern: `${Math.ceil(due)}/${Math.ceil(everyMs)}` },
        { name: "run", data: { name }, opts: { removeOnComplete: true, removeOnFail: true } },
      ),
    );
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
      const known = await this.#queue.getJobSchedulersCount();
      if (known < this.#tasks.size || !this.#isComplete) await this.#tellAgain();
      this.#setTrouble(null);
    } catch {
      this.#setTrouble("Redis cannot be reached");
    } finally {
      this.#looking = false;
    }
  }

  async #tellAgain(): Promise<void> {
    this.#isComplete = true;
    const known = new Set(await this.#client.zrange(`${PREFIX}:${NAME}:repeat`, "0", "-1"));
    const missing = [...this.#tasks.values()].filter(({ name }) => !known.has(idOf(name)));
    if (missing.length > 0)
      this.#log.warn({ accounts: missing.length }, `queue: told Redis again of ${missing.length} accounts`);
    for (const task of missing) {
      const due = Math.max(task.due, Date.now() + Math.random() * Math.min(task.everyMs, SPREAD_MS));
      await this.#schedule({ ...task, due });
    }
  }

  #setTrouble(trouble: string | null): void {
    if (trouble === this.#trouble || this.#isOver) return;
    this.#trouble = trouble;
    if (trouble === null) this.#log.info("queue: Redis is there");
    else this.#log.error(`queue: ${trouble}; no run begins until it is back`);
  }
}

function connect(
  url: string,
  options: { readonly maxRetriesPerRequest: number | null; readonly commandTimeout?: number },
): Redis {
  const client = new Redis(url, {
    ...options,
    enableOfflineQueue: options.maxRetriesPerRequest === null,
    retryStrategy: (times) => Math.min(100 * 2 ** times, 2000),
  });
  // Without a listener it would be printed; the trouble is told elsewhere.
  client.on("error", () => {});
  return client;
}

/** Has the job taken again after that time, and half of it more at most. */
async function delayed(job: Job<RunJob>, ms: number, token: string | undefined): Promise<never> {
  await job.moveToDelayed(Date.now() + ms * (1 + Math.random() / 2), token);
  throw new DelayedError();
}

/** Names may hold colons, which part keys in Redis. */
function idOf(name: string): string {
  return encodeURIComponent(name);
}

/**
 * A scheduler's pattern is `DUE/EVERY`: the job that it is made with is due at DUE; the one after that, which exists as
 * soon as the first is taken, EVERY ms later unless the run that ends says something better.
 */
function repeatStrategy(now: number, { pattern = "", count }: { pattern?: string; count?: number }): number {
  const [due = 0, every = 0] = pattern.split("/").map(Number);
  return count === undefined || due > now ? due : now + every;
}

function codeOf(error: unknown): string {
  const code: unknown = error instanceof Error ? Reflect.get(error, "code") : null;
  return typeof code === "string" ? code : "error";
}
